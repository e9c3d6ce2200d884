// Pushes events to Causeway's clients from any Node.js back end that may invoke one Lambda function. Plain JavaScript, so
// that it runs as it is, in node_modules too; its types are in index.d.mts.
import { randomUUID } from 'node:crypto';

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

/** What was asked can't be done, or was not: `code` as in PROTOCOL.md, `field` when something in the call is wrong. */
export class EmitError extends Error {
  name = 'EmitError';

  constructor({ code, message, field }, options) {
    super(message, options);
    this.code = code;
    if (field !== undefined) this.field = field;
  }
}

export class Emitter {
  #invoke;
  #target;

  constructor({ functionName, client = new LambdaClient({}) }, target = { rooms: [] }) {
    this.#invoke = { functionName, client };
    this.#target = target;
  }

  to(room) {
    const added = [room].flat();
    // Without rooms an event goes to everybody: a list that came out empty must not mean that.
    if (added.length === 0)
      throw new EmitError({ code: 'invalid_field', message: 'to() needs a room.', field: 'rooms' });
    const rooms = [...new Set([...this.#target.rooms, ...added])];
    return new Emitter(this.#invoke, { ...this.#target, rooms });
  }

  in(room) {
    return this.to(room);
  }

  of(namespace) {
    const name = namespace.startsWith('/') ? namespace : `/${namespace}`;
    return new Emitter(this.#invoke, { ...this.#target, namespace: name });
  }

  async emit(event, ...args) {
    // The id stays the same when the SDK tries again, so that a notification is stored once.
    const emit = { ...this.#target, event, args, id: randomUUID(), at: Date.now() };
    const { client, functionName } = this.#invoke;
    const Payload = new TextEncoder().encode(JSON.stringify({ emit }));
    const answer = await client.send(new InvokeCommand({ FunctionName: functionName, Payload }));
    const result = JSON.parse(answer.Payload?.transformToString() || 'null');
    if (answer.FunctionError !== undefined)
      throw new EmitError(
        { code: 'internal', message: 'The function failed; its log says why.' },
        { cause: result },
      );
    if (result?.error !== undefined) throw new EmitError(result.error);
    return result;
  }
}
