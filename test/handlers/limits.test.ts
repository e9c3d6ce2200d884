/** What native clients and callers of REST may do, and what they are told when it is too much. */
import { beforeEach, expect, test } from 'vitest';

import { createConnectGuard } from '../../lambdas/app/connection-limit.ts';
import { createRateLimiter } from '../../lambdas/app/rate-limit.ts';
import { createMemoryStores } from '../../lambdas/adapters/memory/memory-stores.ts';
import { authorize } from '../../lambdas/handlers/native/authorize.ts';
import { serveConnect } from '../../lambdas/handlers/native/connect.ts';
import { LIMITS } from '../../lambdas/manifest/limits.ts';
import { createRoom, register } from '../http/rest.ts';
import { createInMemory, type InMemory } from '../support/in-memory.ts';
import { authorizerEvent, connectEvent } from './events.ts';

const limits = {
  ...LIMITS,
  perSocket: { perSecond: 1, burst: 20 },
  perUser: { perSecond: 2, burst: 40 },
  connectsPerAddress: { perSecond: 1, burst: 3 },
};
const SILENT = { info: () => {}, warn: () => {} };

let world: InMemory;
beforeEach(() => {
  world = createInMemory({ rates: createRateLimiter({ ...createMemoryStores(), limits, log: SILENT }) });
});

test('a connection that sends too much is told when to try again, with the id of its request', async () => {
  const alice = await register(world, 'alice');
  const connection = await world.connect(alice.token);
  for (let n = 0; n < 20; n++) await connection.send('{"action":"ping"}');
  await connection.send('{"action":"ping","id":"p1"}');
  expect(connection.frames.filter((frame) => frame.includes('"pong"'))).toHaveLength(20);
  expect(JSON.parse(connection.frames.at(-1)!)).toEqual({
    event: 'error',
    code: 'rate_limited',
    message: 'Too much at once. Try again in 1 s.',
    retryAfterSeconds: 1,
    id: 'p1',
  });
  expect(connection.closed).toBe(false);
  world.clock.at += 1_000;
  await connection.send('{"action":"ping"}');
  expect(connection.frames.at(-1)).toContain('pong');
});

test('a flood does not fill the log', async () => {
  const alice = await register(world, 'alice');
  const connection = await world.connect(alice.token);
  for (let n = 0; n < 200; n++) await connection.send('{"action":"ping"}');
  expect(world.logs.filter(({ level, message }) => level !== 'debug' && message.includes('refused'))).toEqual(
    [],
  );
});

test('a user with many connections has one allowance, which REST takes of, too', async () => {
  const alice = await register(world, 'alice');
  const [one, two] = [await world.connect(alice.token), await world.connect(alice.token)];
  for (let n = 0; n < 20; n++)
    for (const connection of [one, two]) await connection.send('{"action":"ping"}');
  const refused = await world.rest.request('/users/me', {
    headers: { authorization: `Bearer ${alice.token}` },
  });
  expect(refused.status).toBe(429);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(await refused.json()).toMatchObject({ error: { code: 'rate_limited' } });
  const bob = await register(world, 'bob');
  expect(await createRoom(world, bob)).toBeTypeOf('string');
});

test('an address that connects too often is answered 429, a user with too many connections alike', async () => {
  const alice = await register(world, 'alice');
  const { context } = await authorize(
    world.deps,
    authorizerEvent({ queryStringParameters: { token: alice.token } }),
  );
  const deps = {
    ...world.deps,
    guard: createConnectGuard({
      rates: createRateLimiter({ ...createMemoryStores(), limits, log: SILENT }),
      sessions: world.deps.sessions,
      sockets: { list: () => Promise.resolve([]) },
      namespaces: [],
      connectionsPerUser: 1,
    }),
  };
  const knock = async (sourceIp: string) => {
    const event = connectEvent(context);
    const requestContext = { ...event.requestContext, identity: { sourceIp } };
    return (await serveConnect(deps, { ...event, requestContext })).statusCode;
  };
  const statuses: number[] = [];
  for (let n = 0; n < 5; n++) statuses.push(await knock('192.0.2.1'));
  expect(statuses).toEqual([200, 200, 200, 429, 429]);
  expect(await knock('192.0.2.2')).toBe(200);
});
