import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { MessageId, NotificationId, RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { parseMessageId, parseNotificationId } from '../../lambdas/domain/ids.ts';
import {
  belongsTo,
  messageId,
  messageIdOf,
  notificationId,
  timeOf,
} from '../../lambdas/domain/message-id.ts';

const instant = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const requestId = fc.string({ minLength: 1, maxLength: 40 });
const roomId = fc.stringMatching(/^[A-Za-z0-9_-]{1,128}$/).map((id) => id as RoomId);
const arrival = fc.record({ at: instant, requestId });

describe('a message id', () => {
  test('is accepted by the parser and tells its instant and its room', () => {
    fc.assert(
      fc.property(arrival, roomId, (arrived, room) => {
        const id = messageId(arrived, room);
        expect(parseMessageId(id)).toBe(id);
        expect(timeOf(id)).toBe(arrived.at);
        expect(belongsTo(id, room)).toBe(true);
      }),
    );
  });

  test('sorts by time as a string, whatever the requests and rooms', () => {
    fc.assert(
      fc.property(arrival, arrival, fc.tuple(roomId, roomId), (a, b, [one, other]) => {
        fc.pre(a.at !== b.at);
        expect(messageId(a, one) < messageId(b, other)).toBe(a.at < b.at);
      }),
    );
  });

  test('is the same for the same frame and another for any other frame of the same millisecond', () => {
    fc.assert(
      fc.property(fc.tuple(instant, roomId), requestId, requestId, ([at, room], one, other) => {
        expect(messageId({ at, requestId: one }, room)).toBe(messageId({ at, requestId: one }, room));
        fc.pre(one !== other);
        expect(messageId({ at, requestId: one }, room)).not.toBe(messageId({ at, requestId: other }, room));
      }),
    );
  });

  test('is known to be of another room', () => {
    fc.assert(
      fc.property(arrival, roomId, roomId, (arrived, one, other) => {
        fc.pre(one !== other);
        expect(belongsTo(messageId(arrived, one), other)).toBe(false);
      }),
    );
  });

  test('keeps this layout: stored ids must stay readable', () => {
    const id = messageId({ at: 1_767_323_045_006, requestId: 'abc=' }, 'room-1' as RoomId);
    expect(id).toMatchInlineSnapshot(`"01KDYAK34EW3967GEDRQEFBDZK"`);
    expect(parseMessageId(id)).toBe(id);
  });

  test('is ordered within its millisecond by the number that stands for the request', () => {
    const unique = fc.integer({ min: 0, max: 2 ** 48 - 1 });
    fc.assert(
      fc.property(instant, unique, unique, (at, one, other) => {
        const a = messageIdOf({ at, unique: one }, 'r' as RoomId);
        const b = messageIdOf({ at, unique: other }, 'r' as RoomId);
        expect(parseMessageId(a)).toBe(a);
        expect(belongsTo(a, 'r' as RoomId)).toBe(true);
        expect(a < b).toBe(one < other);
      }),
    );
  });

  test('rarely repeats: 20,000 requests of one millisecond have 20,000 ids', () => {
    const ids = new Set(
      Array.from({ length: 20_000 }, (_, n) =>
        messageId({ at: 1, requestId: `${n.toString(36)}=` }, 'r' as RoomId),
      ),
    );
    expect(ids.size).toBe(20_000);
  });

  test.each([-1, 0.5, Number.NaN, 2 ** 48, Number.POSITIVE_INFINITY])('%s is no instant', (at) => {
    expect(() => messageId({ at, requestId: 'r' }, 'room' as RoomId)).toThrow(RangeError);
  });
});

test('a notification id carries its user as the tag', () => {
  fc.assert(
    fc.property(arrival, fc.string({ minLength: 1 }), (arrived, name) => {
      const id = notificationId(arrived, name as UserId);
      expect(parseNotificationId(id)).toBe(id);
      expect(belongsTo(id, name as UserId)).toBe(true);
      expect(belongsTo(id, `${name}x` as UserId)).toBe(false);
    }),
  );
});

test('made-up ids never throw: they have a time and belong nowhere', () => {
  const made = fc.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/).map((id) => id as MessageId & NotificationId);
  fc.assert(
    fc.property(made, (id) => {
      expect(Number.isSafeInteger(timeOf(id))).toBe(true);
      expect(typeof belongsTo(id, 'room' as RoomId)).toBe('boolean');
    }),
  );
});
