import fc from 'fast-check';
import { expect, test } from 'vitest';

import { offsetOf } from '../../../compat/audience/offset.ts';
import { timeOfOffset } from '../../../lambdas/domain/offset.ts';
import type { UserId } from '../../../lambdas/domain/ids.ts';
import { messageId, notificationId } from '../../../lambdas/domain/message-id.ts';
import { message, NOW, ROOM, userId } from '../../support/fakes/world.ts';

const arrivals = fc.record({
  at: fc.integer({ min: NOW, max: NOW + 3 }),
  requestId: fc.string({ minLength: 1, maxLength: 20 }),
});

test('is an offset as the bridge knows them, the same for the same thing, in the order of ids', () => {
  fc.assert(
    fc.property(arrivals, arrivals, (one, other) => {
      const [first, second] = [one, other].map((arrival) =>
        message({ id: messageId(arrival, ROOM), createdAt: arrival.at }),
      );
      const [a = '', b = ''] = [first, second].map((it) =>
        offsetOf({ kind: 'message.created', message: message(it) }),
      );
      expect(timeOfOffset(a)).toBe(first?.createdAt);
      expect(Math.sign(a < b ? -1 : Number(a > b))).toBe(
        Math.sign(first!.id < second!.id ? -1 : Number(first!.id > second!.id)),
      );
    }),
  );
});

test('what is not stored has none', () => {
  const user: UserId = userId('anna');
  const id = notificationId({ at: NOW, requestId: 'r' }, user);
  const notification = { id, userId: user, payload: {}, createdAt: NOW };
  expect(timeOfOffset(offsetOf({ kind: 'notification.created', notification }) ?? '')).toBe(NOW);
  expect(
    timeOfOffset(
      offsetOf({ kind: 'notification.created', notification: { ...notification, toldAt: NOW + 900 } }) ?? '',
    ),
  ).toBe(NOW + 900);
  expect(offsetOf({ kind: 'room.left', roomId: ROOM, userId: user })).toBeUndefined();
  expect(offsetOf({ kind: 'notification.read', userId: user, id, readAt: NOW })).toBeUndefined();
});
