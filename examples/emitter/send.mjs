// Sends a notification to a user from a back end: anything with IAM permission to invoke the function.
//
//   node examples/emitter/send.mjs <output NotifyFunction> <user id> '{"title":"Your invoice is ready"}'
//
// Against the emulator, whose addresses and outputs are at /_emulator/health (`aws`) and /_emulator/outputs:
//
//   AWS_REGION=us-east-1 AWS_ENDPOINT_URL=<address> AWS_ACCESS_KEY_ID=AKIALOCALOPERATOR000 \
//   AWS_SECRET_ACCESS_KEY=local-operator-secret-not-valid-on-aws-00 node examples/emitter/send.mjs …
import { Emitter } from 'causeway/emitter';

const [functionName, userId, payload = '{"title":"Hello"}'] = process.argv.slice(2);
if (userId === undefined) {
  console.error('usage: node send.mjs <function name> <user id> [<JSON payload>]');
  process.exit(2);
}

const emitter = new Emitter({ functionName });
const { notifications } = await emitter.to(userId).emit('notification.new', JSON.parse(payload));
console.log(`stored as ${notifications.join(', ')}`);
