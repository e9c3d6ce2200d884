import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { Notification } from '../../lambdas/domain/entities.ts';
import type { DomainEvent } from '../../lambdas/domain/events.ts';
import { messageId, notificationId } from '../../lambdas/domain/message-id.ts';
import { offsetAt, offsetOf, placeOf, timeOfOffset } from '../../lambdas/domain/offset.ts';
import { message, NOW, ROOM, userId } from '../support/fakes/world.ts';

const instants = fc.integer({ min: 0, max: NOW * 2 });
const requests = fc.string({ minLength: 1 });

function created(at: number, requestId: string): DomainEvent {
  return {
    kind: 'message.created',
    message: message({ id: messageId({ at, requestId }, ROOM), createdAt: at }),
  };
}

function notified(at: number, requestId: string): DomainEvent {
  const id = notificationId({ at, requestId }, userId('anna'));
  const notification: Notification = { id, userId: userId('anna'), payload: {}, createdAt: at };
  return { kind: 'notification.created', notification };
}

function read(readAt: number, requestId: string): DomainEvent {
  const messageRead = messageId({ at: readAt, requestId }, ROOM);
  return { kind: 'message.read', roomId: ROOM, userId: userId('anna'), messageId: messageRead, readAt };
}

const KINDS = [created, notified, read] as const;
const events = fc
  .record({ of: fc.constantFrom(...KINDS), at: instants, requestId: requests })
  .map(({ of, at, requestId }) => ({ at, event: of(at, requestId) }));

describe('offsets', () => {
  test('sort as the events happened, whatever their kind', () => {
    fc.assert(
      fc.property(events, events, (one, other) => {
        fc.pre(one.at < other.at);
        expect(String(offsetOf(one.event)) < String(offsetOf(other.event))).toBe(true);
      }),
    );
  });

  test('hold their instant, and none sorts before the first of its instant', () => {
    fc.assert(
      fc.property(events, ({ at, event }) => {
        const place = placeOf(event);
        expect(place?.at).toBe(at);
        expect(timeOfOffset(place?.offset ?? '')).toBe(at);
        expect((place?.offset ?? '') >= offsetAt(at)).toBe(true);
      }),
    );
  });

  test.each(KINDS)('tell two events of one millisecond apart', (of) => {
    expect(offsetOf(of(NOW, 'one'))).not.toBe(offsetOf(of(NOW, 'other')));
  });

  test.each<DomainEvent>([
    { kind: 'room.joined', roomId: ROOM, userId: userId('anna') },
    { kind: 'typing.changed', roomId: ROOM, userId: userId('anna'), username: 'anna', isTyping: true },
  ])('there are none for what is not stored: $kind', (event) => {
    expect(offsetOf(event)).toBeUndefined();
  });

  test.each([
    '',
    'x',
    '0123456789-0123456789',
    '01234567A-0123456789',
    '012345678-012345678',
    '012345678-01234 6789',
  ])('anything else is none: %j', (text) => {
    expect(timeOfOffset(text)).toBeUndefined();
  });

  test('an offset of the first instant is one', () => {
    expect(timeOfOffset(offsetAt(NOW))).toBe(NOW);
    expect(timeOfOffset(offsetAt(0))).toBe(0);
  });
});
