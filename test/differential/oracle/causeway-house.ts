import { LambdaClient } from '@aws-sdk/client-lambda';
import { Emitter } from 'causeway/emitter';

import { OPERATOR_CREDENTIALS } from '../../../emulator/index.ts';
import { startCauseway } from '../../support/causeway.ts';
import type { Account } from './backing.ts';
import { engageAll, type OpenHouse } from './theatre.ts';

/** A deployment on the emulator. */
export async function openCauseway(): Promise<OpenHouse> {
  const causeway = await startCauseway({ configFile: 'test/fixtures/socketio/oracle.config.ts' });
  const client = new LambdaClient({
    endpoint: causeway.awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
  });
  const emitter = new Emitter({ functionName: causeway.outputs['NotifyFunction'] ?? '', client });
  let acts = 0;
  return {
    url: causeway.urls.origin,
    async engage() {
      acts += 1;
      const people = await engageAll(async (player): Promise<Account> => {
        const person = await causeway.register(`${player}-${acts}`);
        return { ...person, displayName: person.username.toUpperCase() };
      });
      return { people, room: await causeway.createRoom(people.anna, [people.bob]) };
    },
    push: async (_nsp, userId, payload) => void (await emitter.to(userId).emit('notification.new', payload)),
    settle: () => causeway.quiet(),
    async pass(ms) {
      await causeway.quiet();
      await causeway.advance(ms);
      await causeway.quiet();
    },
    async close() {
      client.destroy();
      await causeway.close();
    },
  };
}
