import { expect, test } from 'vitest';

import { isGreeted } from '../../lambdas/app/greeted.ts';
import { createMemorySocketIoStores } from '../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { SocketEntry } from '../../lambdas/ports/socketio.ts';
import { LATER, someSid, someSocket, someWebSocket } from '../contract/socketio-data.ts';
import { createFixedClock } from '../support/fakes/fake-runtime.ts';
import { NOW } from '../support/fakes/world.ts';

const connectionId = 'conn=' as ConnectionId;

/** A session that has moved to the connection, with a socket that is in a room. */
async function createStage() {
  const clock = createFixedClock(NOW);
  const { sessions, sockets } = createMemorySocketIoStores(clock);
  const waits: number[] = [];
  const socket = someSocket({ rooms: ['red'] });
  const session = { ...someWebSocket(), connectionId, sockets: { '/chat': socket } };
  await sessions.open(session, LATER);
  const to = { socketId: socket.id, sid: session.sid };
  const enter = (entry: SocketEntry, room?: string) =>
    sockets.add({ nsp: '/chat', ...(room !== undefined && { room }) }, entry, LATER);
  await enter(to);
  const deps = { sessions, sockets, clock, pause: async (ms: number) => void waits.push(ms) };
  return { deps, to, enter, waits };
}

test('once the index has said where it is, at once', async () => {
  const { deps, to, enter, waits } = await createStage();
  await enter({ ...to, connectionId });
  expect([await isGreeted(deps, to, connectionId), waits]).toEqual([true, []]);
});

test('as soon as the index says so', async () => {
  const { deps, to, enter, waits } = await createStage();
  const pause = async (ms: number) => {
    await deps.pause(ms);
    if (waits.length === 2) await enter({ ...to, connectionId });
  };
  expect([await isGreeted({ ...deps, pause }, to, connectionId), waits]).toEqual([true, [25, 50]]);
});

test('and seen by the last look of a second', async () => {
  const { deps, to, enter, waits } = await createStage();
  const pause = async (ms: number) => {
    await deps.pause(ms);
    if (ms === 400) await enter({ ...to, connectionId });
  };
  expect([await isGreeted({ ...deps, pause }, to, connectionId), waits.length]).toEqual([true, 5]);
});

test('not by the entry of a room, nor by that of another connection', async () => {
  const { deps, to, enter } = await createStage();
  await enter({ ...to, connectionId }, 'red');
  expect(await isGreeted(deps, to, connectionId)).toBe(false);
  await enter({ ...to, connectionId: 'other=' as ConnectionId });
  expect(await isGreeted(deps, to, connectionId)).toBe(false);
});

test('not while its session has no such socket, or is gone', async () => {
  const { deps, to } = await createStage();
  expect(await isGreeted(deps, { ...to, socketId: 'new' }, connectionId)).toBe(false);
  expect(await isGreeted(deps, { ...to, sid: someSid() }, connectionId)).toBe(false);
});
