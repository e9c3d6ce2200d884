import { describe, expect, test } from 'vitest';

import { performLater } from '../../lambdas/app/perform-later.ts';
import { typingSince } from '../../lambdas/app/typing-state.ts';
import type { LaterTask } from '../../lambdas/ports/later.ts';
import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import { createFakeAudience } from '../support/fakes/fake-audience.ts';
import { createWorld, NOW, OTHER_ROOM, ROOM, userId, withRoom } from '../support/fakes/world.ts';

const anna = userId('anna');
const SID = 'a-session';

/** Anna types, Ben hears; `over` is what has become of Anna's session. */
async function typing(over: Partial<EngineSession> | undefined, data: object) {
  const audience = createFakeAudience([{ id: 'socket-ben', userId: userId('ben'), rooms: [ROOM] }]);
  const world = { ...createWorld(), audience };
  await withRoom(world, ['anna', 'ben']);
  const socket = { id: 'socket-anna', auth: '{}', data: JSON.stringify(data), rooms: [`#${ROOM}`] };
  const found = over && ({ sockets: { '/': socket }, ...over } as unknown as EngineSession);
  const engineSessions = { get: async (sid: string) => (sid === SID ? found : undefined) };
  const task: LaterTask = {
    kind: 'typing.expire',
    sid: SID,
    namespace: '/',
    roomId: ROOM,
    startedAt: NOW,
    userId: anna,
    username: 'anna',
  };
  await performLater({ ...world, engineSessions, now: () => NOW + 10_000 }, task);
  return audience.heard.map(({ event }) => event);
}

describe('the end of typing', () => {
  const person = { userId: anna, username: 'anna' };

  test('comes after ten seconds of silence', async () => {
    expect(await typing({}, { ...person, typing: { [ROOM]: NOW } })).toEqual([
      { kind: 'typing.changed', roomId: ROOM, userId: anna, username: 'anna', isTyping: false },
    ]);
  });

  test.each([
    ['typed again meanwhile', {}, { ...person, typing: { [ROOM]: NOW + 1 } }],
    ['types elsewhere', {}, { ...person, typing: { [OTHER_ROOM]: NOW } }],
    ['stopped', {}, person],
    ['is gone', { closed: { reason: 'transport close', at: NOW } }, { ...person, typing: { [ROOM]: NOW } }],
  ])('does not come for somebody who %s', async (_what, over, data) => {
    expect(await typing(over, data)).toEqual([]);
  });

  test.each([
    ['left before it was noted', { closed: { reason: 'transport close', at: NOW } }, person],
    ['left the namespace', { sockets: {} }, person],
    ['is forgotten', undefined, person],
  ])('comes for somebody who %s', async (_what, over, data) => {
    expect(await typing(over, data)).toHaveLength(1);
  });

  test('is near for whoever began less than ten seconds ago', () => {
    expect(typingSince({}, NOW)).toEqual({});
    expect(typingSince({ typing: { [ROOM]: NOW - 10_000, [OTHER_ROOM]: NOW - 9_999 } }, NOW)).toEqual({
      [OTHER_ROOM]: NOW - 9_999,
    });
  });
});

test('a task of presence is settled', async () => {
  const world = { ...createWorld(), engineSessions: { get: async () => undefined }, now: () => NOW };
  await world.sessions.admit({ id: anna, username: 'anna', createdAt: NOW }, 'create', NOW);
  const audience = createFakeAudience([{ id: 'socket-anna', userId: anna, rooms: [] }]);
  await performLater({ ...world, audience }, { kind: 'presence.settle', userId: anna, at: NOW });
  expect(await world.users.get(anna)).toMatchObject({ isOnline: true });
});
