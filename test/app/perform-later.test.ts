import { describe, expect, test } from 'vitest';

import { performLater } from '../../lambdas/app/perform-later.ts';
import { typingSince } from '../../lambdas/app/typing-state.ts';
import type { LaterTask } from '../../lambdas/ports/later.ts';
import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import { createFakeAudience, type FakeSocket } from '../support/fakes/fake-audience.ts';
import { createWorld, NOW, OTHER_ROOM, ROOM, session, userId, withRoom } from '../support/fakes/world.ts';
import { HOUR } from '../support/fakes/world.ts';

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
    ['left the namespace', { sockets: {} }, person],
    ['is gone', { closed: { reason: 'transport close', at: NOW } }, { ...person, typing: { [ROOM]: NOW } }],
    ['is forgotten', undefined, person],
  ])('does not come for somebody who %s', async (_what, over, data) => {
    expect(await typing(over, data)).toEqual([]);
  });

  test('is near for whoever began less than ten seconds ago', () => {
    expect(typingSince({}, NOW)).toEqual({});
    expect(typingSince({ typing: { [ROOM]: NOW - 10_000, [OTHER_ROOM]: NOW - 9_999 } }, NOW)).toEqual({
      [OTHER_ROOM]: NOW - 9_999,
    });
  });
});

describe('going offline', () => {
  const task = { kind: 'presence.settle', userId: anna, username: 'anna', at: NOW } as const;

  async function settle(sockets: readonly FakeSocket[], isNative = false) {
    const ben = { id: 'socket-ben', userId: userId('ben'), rooms: [ROOM] };
    const audience = createFakeAudience([ben, ...sockets]);
    const world = { ...createWorld(), audience };
    await withRoom(world, ['anna', 'ben']);
    if (isNative) await world.sessions.open(session('anna'), NOW + HOUR);
    const engineSessions = { get: async () => undefined };
    await performLater({ ...world, engineSessions, now: () => NOW + 10_000 }, task);
    return audience.heard.map(({ socket, event }) => [socket, event]);
  }

  test('is told to those who share a room, with when the user was last seen', async () => {
    const offline = { kind: 'presence.changed', userId: anna, username: 'anna', isOnline: false, at: NOW };
    expect(await settle([])).toEqual([['socket-ben', offline]]);
  });

  test('is not told of somebody who is back', async () => {
    expect(await settle([{ id: 'socket-anna', userId: anna, rooms: [] }])).toEqual([]);
    expect(await settle([], true)).toEqual([]);
  });
});
