import { expect, test, vi } from 'vitest';

import { createDelivery } from '../../../compat/audience/delivery.ts';
import { sleep } from '../../../compat/sleep.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import { LATER, somePolling, someSid, someSocket } from '../../contract/socketio-data.ts';
import { createFixedClock } from '../../support/fakes/fake-runtime.ts';
import { NOW } from '../../support/fakes/world.ts';

test('what is told goes by the clock that is given: a socket that came back a while ago is posted to', async () => {
  const deferred: string[] = [];
  const posts: string[] = [];
  const stores = createMemorySocketIoStores(createFixedClock(NOW));
  const sessions = {
    ...stores.sessions,
    defer: async (sid: string) => (deferred.push(sid), 'deferred' as const),
  };
  const connections = {
    post: async (_connectionId: ConnectionId, frame: string) => (posts.push(frame), 'sent' as const),
  };
  const to = {
    socketId: 'socket',
    sid: someSid(),
    connectionId: 'conn=' as ConnectionId,
    heldUntil: NOW + 1,
  };
  const at = (now: number) =>
    createDelivery({ ...stores, sessions, connections, clock: createFixedClock(now), pause: sleep });
  expect(await at(NOW)(to, ['42["a"]'])).toBe('sent');
  expect([deferred, posts]).toEqual([[to.sid], []]);
  await at(NOW + 1)(to, ['42["b"]']);
  expect([deferred, posts]).toEqual([[to.sid], ['42["b"]']]);
});

test('what comes between the move of a session and its first posts waits, and is refused while it is not known how they go', async () => {
  vi.useFakeTimers({ now: NOW });
  const clock = createFixedClock(NOW);
  const { sessions, sockets } = createMemorySocketIoStores(clock);
  const posts: string[] = [];
  const connections = {
    post: async (_to: ConnectionId, frame: string) => (posts.push(frame), 'sent' as const),
  };
  const [socket, connectionId] = [someSocket(), 'conn=' as ConnectionId];
  const opened = { ...somePolling(), sockets: { '/': socket } };
  const to = { socketId: socket.id, sid: opened.sid };
  await sessions.open(opened, LATER);
  await sockets.add({ nsp: '/' }, to, LATER);
  await sessions.probe(opened.sid, { connectionId, at: NOW });
  await sessions.upgrade(opened.sid, connectionId, LATER);

  const deliver = createDelivery({ sessions, sockets, connections, clock, pause: sleep });
  const refused = deliver(to, ['42["a"]']);
  await vi.advanceTimersByTimeAsync(1_000);
  expect([await refused, posts]).toEqual(['throttled', []]);
  await sockets.add({ nsp: '/' }, { ...to, connectionId }, LATER);
  expect([await deliver(to, ['42["a"]']), posts]).toEqual(['sent', ['42["a"]']]);
  vi.useRealTimers();
});
