import { expect, test } from 'vitest';

import { createDelivery } from '../../../compat/audience/delivery.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import { someSid } from '../../contract/socketio-data.ts';
import { createFixedClock } from '../../support/fakes/fake-runtime.ts';
import { NOW } from '../../support/fakes/world.ts';

test('what is told goes by the clock that is given: a socket that came back a while ago is posted to', async () => {
  const deferred: string[] = [];
  const posts: string[] = [];
  const sessions = {
    ...createMemorySocketIoStores(createFixedClock(NOW)).sessions,
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
  const at = (now: number) => createDelivery({ sessions, connections, clock: createFixedClock(now) });
  expect(await at(NOW)(to, ['42["a"]'])).toBe('sent');
  expect([deferred, posts]).toEqual([[to.sid], []]);
  await at(NOW + 1)(to, ['42["b"]']);
  expect([deferred, posts]).toEqual([[to.sid], ['42["b"]']]);
});
