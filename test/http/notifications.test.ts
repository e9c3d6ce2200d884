import { beforeEach, expect, test } from 'vitest';

import type { InMemory } from '../support/in-memory.ts';
import { createInMemory } from '../support/in-memory.ts';
import type { Answer, Person } from './rest.ts';
import { call, register } from './rest.ts';

const AT = '2026-01-02T03:04:05.006Z';

let world: InMemory;
let alice: Person;
let adminToken: string;

beforeEach(async () => {
  world = createInMemory();
  alice = await register(world, 'alice');
  const admin = { id: 'admin-1' as never, username: 'admin', role: 'admin', createdAt: 0 };
  adminToken = await world.deps.issuer.issue(admin);
});

const notify = (payload: unknown, token = adminToken): Promise<Answer> => {
  world.clock.at += 1;
  return call(world, '/notifications', { token, body: { userId: alice.id, payload } });
};
const list = async (query = '') => (await call(world, `/notifications${query}`, { token: alice.token })).body;

test('an admin notifies a user: stored, listed, pushed', async () => {
  world.clock.at -= 1;
  const connection = await world.connect(alice.token);
  const answer = await notify({ title: 'Hi', nested: { list: [1, null] } });
  expect(answer.status).toBe(201);
  expect(answer.body).toEqual({
    id: expect.stringMatching(/^[0-9A-Z]{26}$/) as string,
    payload: { title: 'Hi', nested: { list: [1, null] } },
    createdAt: AT,
  });
  expect(await list()).toEqual({ notifications: [answer.body] });
  expect(connection.frames.map((frame) => JSON.parse(frame) as unknown)).toEqual([
    {
      event: 'notification.created',
      notification: answer.body,
      offset: expect.stringMatching(/^[0-9a-z]{9}-/) as string,
    },
  ]);
});

test('nobody else may', async () => {
  expect(await notify({}, alice.token)).toMatchObject({
    status: 403,
    body: { error: { code: 'forbidden' } },
  });
  expect(await list()).toEqual({ notifications: [] });
});

test.each([
  ['payload', 'text'],
  ['payload', ['list']],
  ['payload', undefined],
  ['payload', { x: 'x'.repeat(8 * 1024) }],
  ['payload.a.constructor', { a: { constructor: 1 } }],
])('a wrong %s is named', async (field, payload) => {
  expect(await notify(payload)).toMatchObject({
    status: 400,
    body: { error: { code: 'invalid_field', field } },
  });
});

test('reading one keeps the first instant, tells the sockets, and takes it off the unread', async () => {
  const connection = await world.connect(alice.token);
  const [first, second] = [await notify({ n: 1 }), await notify({ n: 2 })];
  const read = () =>
    call(world, `/notifications/${first.body.id}/read`, { method: 'POST', token: alice.token });
  const answer = await read();
  expect(answer).toMatchObject({
    status: 200,
    body: { id: first.body.id, readAt: new Date(world.clock.at).toISOString() },
  });
  world.clock.at += 1000;
  expect((await read()).body).toEqual(answer.body);
  expect(JSON.parse(connection.frames.at(-1) ?? '')).toEqual({
    event: 'notification.read',
    notificationId: first.body.id,
    readAt: answer.body.readAt,
  });
  expect(await list('?unread=true')).toEqual({ notifications: [second.body] });
  expect((await list('?unread=false')).notifications).toEqual([
    second.body,
    { ...first.body, readAt: answer.body.readAt },
  ]);
});

test('the list pages, newest first', async () => {
  for (const n of [1, 2, 3]) await notify({ n });
  const first = await list('?limit=2');
  const second = await list(`?limit=2&before=${first.nextCursor}`);
  const numbers = [first, second].map((page) =>
    page.notifications.map((one: { payload: { n: number } }) => one.payload.n),
  );
  expect(numbers).toEqual([[3, 2], [1]]);
});

test.each([
  ['unread', 'unread=yes'],
  ['limit', 'limit=-1'],
  ['limit', 'limit=101'],
  ['before', 'before=x'],
  ['before', 'before=01HZY000000000000000000000'],
])('a wrong %s in the query is named', async (field, query) => {
  const answer = await call(world, `/notifications?${query}`, { token: alice.token });
  expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_field', field } } });
});

test('a notification of somebody else is not found', async () => {
  const { id } = (await notify({})).body;
  const bob = await register(world, 'bob');
  for (const notificationId of [id, '01HZY000000000000000000000']) {
    const answer = await call(world, `/notifications/${notificationId}/read`, {
      method: 'POST',
      token: bob.token,
    });
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found', message: 'No such notification.' } },
    });
  }
});
