import { describe, expect, test } from 'vitest';

import type { ClientMessageId, ConnectionId, NotificationId, UserId } from '../../lambdas/domain/ids.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import { decodeMailing, decodeRepeat, encodeMailing, encodeRepeat } from '../../lambdas/wire/mailing.ts';
import { mailing, socket } from '../support/fakes/fake-mail.ts';
import { live, message, NOW, OTHER_ROOM, ROOM, session } from '../support/fakes/world.ts';

const roundTrip = (of: ReturnType<typeof mailing>) =>
  decodeMailing(JSON.parse(JSON.stringify(encodeMailing(of))));

describe('a mailing', () => {
  test('is the same after its way', () => {
    const { connectionId, userId, dialect, connectedAt } = session('ben');
    const { place, entry } = socket('a');
    const of = mailing({
      natives: [
        live('anna'),
        live('zoe', { shard: 3, roomId: OTHER_ROOM }),
        { connectionId, userId, dialect, connectedAt },
      ],
      sockets: [
        { place, entry },
        { place, entry: { ...entry, connectionId: 'conn=' as ConnectionId } },
        { place: { nsp: '/n' }, entry: { ...entry, connectionId: 'conn=' as ConnectionId, tag: 'chats' } },
      ],
      doubtful: [
        { place, entry: { ...entry, tag: 'rooms' } },
        { place, entry: { ...entry, heldUntil: 5 } },
      ],
      isBag: true,
    });
    expect(roundTrip(of)).toStrictEqual(of);
    const packets = mailing({ content: { packets: ['42["a"]', 'bAAA='] }, late: true, fleeting: true });
    expect(roundTrip(packets)).toStrictEqual(packets);
  });

  test('for ten thousand, half connections and half sockets, is one invocation’s payload', () => {
    const id = (n: number, chars: number) => String(n).padStart(chars, 'x');
    const content = 'x'.repeat(10_000);
    const of = mailing({
      content: { event: { kind: 'message.created', message: message({ content, roomId: ROOM }) } },
      natives: Array.from({ length: 5_000 }, (_, n) =>
        live('x', { connectionId: id(n, 16) as ConnectionId, userId: id(n, 24) as UserId, shard: 31 }),
      ),
      sockets: Array.from({ length: 5_000 }, (_, n) => ({
        place: { nsp: '/chat', room: `#${ROOM}` },
        entry: {
          socketId: id(n, 20),
          sid: id(n, 24) as EngineId,
          connectionId: id(n, 16) as ConnectionId,
          tag: 'messenger',
        },
      })),
    });
    expect(JSON.stringify(encodeMailing(of)).length).toBeLessThan(FAN_OUT.mailingBytes);
  });

  test.each([null, undefined, {}, { v: 2 }, 'text', { emit: {} }])('%j is none', (event) => {
    expect(decodeMailing(event)).toBeUndefined();
  });
});

test('what came twice is the same after its way, and no mailing', () => {
  const userId = 'anna' as UserId;
  const { id: messageId, roomId } = message();
  const clientMessageId = 'c1' as ClientMessageId;
  for (const repeat of [
    { kind: 'message', at: NOW, roomId, userId, clientMessageId, messageId },
    { kind: 'notification', at: NOW, userId, id: 'n1' as NotificationId },
  ] as const) {
    const event: unknown = JSON.parse(JSON.stringify(encodeRepeat(repeat)));
    expect(decodeRepeat(event)).toStrictEqual(repeat);
    expect(decodeMailing(event)).toBeUndefined();
  }
  for (const other of [encodeMailing(mailing()), { v: 99, repeat: {} }, null, undefined])
    expect(decodeRepeat(other)).toBeUndefined();
});
