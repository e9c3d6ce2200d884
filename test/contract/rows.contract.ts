import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { describe, expect, test } from 'vitest';
import { key, type Key } from '../../lambdas/adapters/dynamodb/keys.ts';
import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { MeteredStores } from './capacity.contract.ts';
import {
  HOUR,
  messageId,
  NOW,
  someClientMessageId,
  someMember,
  someSession,
  someUser,
  someRoomId,
} from './data.ts';

const LATER = NOW + HOUR;

/** What lies in the table, beneath what the ports show: only for implementations on DynamoDB. */
export function rowContract(subject: () => MeteredStores): void {
  async function raw(row: Key): Promise<Record<string, unknown> | undefined> {
    const { client, tableName } = subject().table;
    return (await client.send(new GetCommand({ TableName: tableName, Key: row, ConsistentRead: true }))).Item;
  }

  describe('rows', () => {
    test('a leave or join that comes after the close leaves no ghost of the session', async () => {
      const { sessions } = subject().stores;
      const session = someSession();
      await sessions.removeRoom(session, { roomId: someRoomId(), shard: 0 });
      await sessions.addRoom(session, { roomId: someRoomId(), shard: 0 });
      expect(await raw(key.session(session.userId, session.connectionId))).toBeUndefined();
    });

    test('reading a receipt or a notification that is not there creates nothing', async () => {
      const { rooms, notifications } = subject().stores;
      const [roomId, { id: userId }] = [someRoomId(), someUser()];
      await rooms.advanceReceipt({ roomId, userId, messageId: messageId(1), readAt: NOW });
      await notifications.markRead(userId, messageId(1) as never, NOW);
      expect(await raw(key.participant(roomId, userId))).toBeUndefined();
      expect(await raw(key.notification(userId, messageId(1) as never))).toBeUndefined();
    });

    test('everything that expires tells TTL when, in epoch seconds', async () => {
      const { sessions, members, messages, throttle } = subject().stores;
      const session = someSession();
      const member = someMember();
      const claim = { ...member, clientMessageId: someClientMessageId(), messageId: messageId(1), at: NOW };
      await sessions.open(session, LATER);
      await members.add(member, LATER);
      await messages.claim(claim);
      await throttle.hit(`k ${member.roomId}`, { seconds: 60, at: NOW });

      const expiry = async (row: Key) => (await raw(row))?.['expiresAt'];
      expect(await expiry(key.session(session.userId, session.connectionId))).toBe(LATER / 1_000);
      expect(await expiry(key.live(member.roomId, 0, member.connectionId))).toBe(LATER / 1_000);
      const claimKey = key.claim(member.roomId, member.userId, claim.clientMessageId);
      expect(await expiry(claimKey)).toBe(NOW / 1_000 + EXPIRY.clientMessageIdSeconds);
      expect(await expiry(key.throttle(`k ${member.roomId}`, NOW / 1_000))).toBe(NOW / 1_000 + 120);
    });

    test('a connect is noted on the profile', async () => {
      const user = someUser();
      await subject().stores.sessions.admit(user, 'create', NOW);
      await subject().stores.sessions.admit(user, 'must-exist', LATER);
      expect(await raw(key.profile(user.id))).toMatchObject({ lastConnectAt: LATER });
    });

    test('a live member with generated ids takes at most 100 bytes', async () => {
      const member = someMember();
      await subject().stores.members.add(member, LATER);
      const row = (await raw(key.live(member.roomId, 0, member.connectionId))) ?? {};
      const sizes = Object.entries(row).map(([name, value]) => name.length + sizeOf(value));
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(100);
    });
  });
}

/** AWS "DynamoDB item sizes and formats": text is its UTF-8 bytes, a number about one byte per two digits plus one. */
function sizeOf(value: unknown): number {
  return typeof value === 'number'
    ? Math.ceil(String(value).length / 2) + 1
    : Buffer.byteLength(String(value));
}
