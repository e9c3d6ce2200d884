import { describe, expect, test } from 'vitest';

import { createMemoryStores } from '../../lambdas/adapters/memory/memory-stores.ts';
import { connectOneMore, createConnectGuard } from '../../lambdas/app/connection-limit.ts';
import { createRateLimiter } from '../../lambdas/app/rate-limit.ts';
import { LIMITS } from '../../lambdas/manifest/limits.ts';
import type { EngineId, SocketEntry } from '../../lambdas/ports/socketio.ts';
import { createRecordingLog } from '../support/fakes/fake-runtime.ts';
import { HOUR, NOW, session, userId } from '../support/fakes/world.ts';

const anna = userId('anna');

/** Six connections at most, so that three connects in two hours are nothing to look at. */
function setUp(over: { readonly connectsPerAddress?: { perSecond: number; burst: number } } = {}) {
  const stores = createMemoryStores();
  const log = createRecordingLog();
  const sockets: Record<string, readonly SocketEntry[]> = {};
  let looks = 0;
  const deps = {
    rates: createRateLimiter({ ...stores, limits: { ...LIMITS, connectionsPerUser: 6, ...over }, log }),
    sessions: stores.sessions,
    sockets: {
      list: ({ nsp, room }: { readonly nsp: string; readonly room?: string }) => {
        looks += 1;
        return Promise.resolve(room === anna ? (sockets[nsp] ?? []) : []);
      },
    },
    namespaces: ['/', '/chat'],
    connectionsPerUser: 6,
  };
  const connect = (name: string, at = NOW) =>
    connectOneMore(deps, { userId: anna, at }, async () => {
      await stores.sessions.open(session(`anna/${name}`, { connectedAt: at }), at + 2 * HOUR);
      return 'in';
    });
  return { deps, connect, sockets, looks: () => looks, stores };
}

const entry = (sid: string): SocketEntry => ({ socketId: `of ${sid}`, sid: sid as EngineId });
const refused = { code: 'rate_limited', message: 'Too many connections of this user.' };

describe('connections of a user', () => {
  test('are not even counted of somebody who connects now and then', async () => {
    const { connect, looks } = setUp();
    for (const name of ['a', 'b', 'c']) expect(await connect(name)).toBe('in');
    for (const name of ['d', 'e', 'f']) expect(await connect(name, NOW + 2 * HOUR)).toBe('in');
    expect(looks()).toBe(0);
  });

  test('are as many as may be, however quickly they come', async () => {
    const { connect } = setUp();
    for (let n = 0; n < 6; n++) expect(await connect(String(n))).toBe('in');
    await expect(connect('7')).rejects.toMatchObject(refused);
  });

  test('may come and go as often as they like', async () => {
    const { connect, stores } = setUp();
    for (let n = 0; n < 20; n++) {
      expect(await connect(String(n))).toBe('in');
      await stores.sessions.close(session(`anna/${n}`));
    }
  });

  test('are native ones and Socket.IO sessions, each once, and not the one that asks', async () => {
    const { deps, connect, sockets } = setUp();
    for (const name of ['a', 'b', 'c']) await connect(name);
    sockets['/'] = [entry('s1'), entry('s2')];
    sockets['/chat'] = [entry('s2'), entry('s3')];
    const who = { userId: anna, at: NOW };
    await expect(connectOneMore(deps, who, () => Promise.resolve())).rejects.toMatchObject(refused);
    const asking = { ...who, except: 's3' };
    expect(await connectOneMore(deps, asking, () => Promise.resolve('in'))).toBe('in');
  });
});

test('whoever connects too often from one address is refused first, and costs no look', async () => {
  const { deps, looks } = setUp({ connectsPerAddress: { perSecond: 1, burst: 4 } });
  const guard = createConnectGuard(deps);
  const knock = (user: string, address?: string) =>
    guard({ userId: userId(user), address, at: NOW }, () => Promise.resolve('in'));
  for (let n = 0; n < 4; n++) expect(await knock(`user-${n}`, '192.0.2.1')).toBe('in');
  await expect(knock('anna', '192.0.2.1')).rejects.toMatchObject({
    code: 'rate_limited',
    retryAfterSeconds: 1,
  });
  expect(await knock('anna', '192.0.2.2')).toBe('in');
  expect(await knock('anna')).toBe('in');
  expect(looks()).toBe(0);
});
