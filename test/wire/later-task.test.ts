import { expect, test } from 'vitest';

import { decodeLaterTask } from '../../lambdas/wire/later-task.ts';

const TYPING = {
  kind: 'typing.expire',
  sid: 's',
  namespace: '/',
  roomId: 'room-1',
  startedAt: 7,
  userId: 'anna',
  username: 'Anna',
};
const PRESENCE = { kind: 'presence.settle', userId: 'anna', at: 7 };

test.each([TYPING, PRESENCE])('a task comes back as it was sent: %j', (task) => {
  expect(decodeLaterTask(JSON.stringify(task))).toEqual(task);
});

test.each([
  '',
  '{',
  'null',
  '{}',
  JSON.stringify({ ...TYPING, kind: 'typing.start' }),
  JSON.stringify({ ...TYPING, roomId: 'a room' }),
  JSON.stringify({ ...TYPING, startedAt: '7' }),
  JSON.stringify({ ...PRESENCE, userId: 'a#b' }),
])('anything else is none: %s', (body) => {
  expect(decodeLaterTask(body)).toBeUndefined();
});
