/** Stock Socket.IO clients that do too much, connect too often, or do nothing. */
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { type Causeway, startCauseway } from '../support/causeway.ts';
import type { Person } from '../support/rest-client.ts';

let causeway: Causeway;
let alice: Person;
const open: Socket[] = [];
beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'test/fixtures/limits/few.config.ts' });
  alice = await causeway.register('alice');
}, 60_000);
afterEach(() => {
  for (const socket of open.splice(0)) socket.disconnect();
});
afterAll(() => causeway?.close());

async function connect(transports: string[] = ['websocket']): Promise<Socket> {
  const { token } = alice;
  const socket = io(causeway.urls.origin, {
    transports,
    auth: { token },
    forceNew: true,
    reconnection: false,
  });
  open.push(socket);
  const failed = once(socket as never, 'connect_error').then(([error]) => Promise.reject(error as Error));
  await Promise.race([once(socket as never, 'connect'), failed]);
  return socket;
}

test('too many events are refused in the ack, and the connection stays', async () => {
  const socket = await connect();
  const acks = await Promise.all(
    Array.from(
      { length: 40 },
      () => socket.emitWithAck('chat:typing', {}) as Promise<{ error?: { code: string } }>,
    ),
  );
  const refused = acks.filter(({ error }) => error?.code === 'rate_limited').length;
  expect(refused).toBeGreaterThanOrEqual(10);
  expect(refused).toBeLessThanOrEqual(20);
  expect(socket.connected).toBe(true);
});

test('who does nothing is told so and sent away, and stays away', async () => {
  const socket = await connect();
  const errors: unknown[] = [];
  socket.on('error', (error) => errors.push(error));
  // Not events.once, which takes an event named error for a failure.
  const gone = new Promise<string>((resolve) => void socket.once('disconnect', resolve));
  for (let minutes = 0; minutes < 16 && socket.connected; minutes++) {
    await causeway.advance(60_000);
    // What the minute brought travels in real time, and a ping wants its pong.
    await causeway.quiet();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(socket.connected).toBe(false);
  expect(await gone).toBe('io server disconnect');
  expect(errors).toEqual([{ message: 'Closed after a long time without activity.' }]);
  expect(socket.active).toBe(false);
});

/** Each of at most eight instances may let one more in before it hears of the others. */
const SPARE = 8;

test('an address that connects too often is refused, over both transports', async () => {
  const polling = await refusedAfter(async () => {
    const answer = await fetch(`${causeway.urls.origin}/socket.io/?EIO=4&transport=polling`);
    if (answer.status === 429) expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    return answer.status === 429;
  });
  expect(polling).toBeLessThanOrEqual(12 + SPARE);
  const sockets = await refusedAfter(async () => {
    const [outcome] = await Promise.allSettled([connect()]);
    return outcome.status === 'rejected';
  });
  expect(sockets).toBeLessThanOrEqual(SPARE);
});

/** How many were let in before one was refused. */
async function refusedAfter(attempt: () => Promise<boolean>): Promise<number> {
  for (let n = 0; n < 40; n++) if (await attempt()) return n;
  return Infinity;
}
