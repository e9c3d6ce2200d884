import { describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import type { Message } from '../../lambdas/domain/entities.ts';
import type { Email, MessageId, RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { messageId as idOf } from '../../lambdas/domain/message-id.ts';
import {
  HOUR,
  messageId,
  NOW,
  race,
  someClientMessageId,
  someMessage,
  someRoomId,
  someUserId,
} from './data.ts';

/** 10,000 characters of three bytes each: about 35 of them fill DynamoDB's 1 MB page. */
const LONGEST = '€'.repeat(10_000);

export function messageStoreContract(stores: () => Stores): void {
  describe('MessageStore: one message', () => {
    test('comes back as it was stored', async () => {
      const message = someMessage({
        sender: { id: someUserId(), username: 'anna', email: 'a@example.org' as Email, displayName: 'Anna' },
        content: '🦊 line\nbreak "quotes" \u0000 end',
        messageType: 'file',
        replyTo: messageId(0),
        clientMessageId: someClientMessageId(),
        context: { big: 1e300, small: -1e-300, nested: [{ empty: '' }, null, true], type: 'x' },
      });
      expect(await stores().messages.append(message)).toBe('stored');
      expect(await stores().messages.get(message.roomId, message.id)).toStrictEqual(message);
    });

    test('has no fields that were not stored', async () => {
      const message = someMessage();
      await stores().messages.append(message);
      expect(await stores().messages.get(message.roomId, message.id)).toStrictEqual(message);
      expect(await stores().messages.get(someRoomId(), message.id)).toBeUndefined();
    });

    test('says when it was told, and can be noted to have been told late', async () => {
      const message = someMessage({ toldAt: NOW + 5, turn: 'a.1.1.0' });
      await stores().messages.append(message);
      await stores().messages.late(message.roomId, message.id, NOW + 900);
      expect(await stores().messages.get(message.roomId, message.id)).toStrictEqual({
        ...message,
        toldUntil: NOW + 900,
      });
      await stores().messages.late(message.roomId, messageId(7), NOW);
      expect(await stores().messages.get(message.roomId, messageId(7))).toBeUndefined();
    });

    test('stored a second time exists, and the first stays', async () => {
      const message = someMessage();
      await stores().messages.append(message);
      expect(await stores().messages.append({ ...message, content: 'other' })).toBe('exists');
      expect((await stores().messages.get(message.roomId, message.id))?.content).toBe('hello');
    });

    test('50 racing stores of one id: exactly one stores', async () => {
      const message = someMessage();
      const outcomes = await race(50, () => stores().messages.append(message));
      expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
    });

    test('taken back is gone; taking back again is harmless', async () => {
      const message = someMessage();
      await stores().messages.append(message);
      await stores().messages.remove(message.roomId, message.id);
      await stores().messages.remove(message.roomId, message.id);
      expect(await stores().messages.get(message.roomId, message.id)).toBeUndefined();
    });
  });

  describe('MessageStore: history', () => {
    test('newest first, page after page, without gap or repeat', async () => {
      const roomId = await roomWith(stores, { count: 25 });
      const pages = await allPages(stores, roomId, 10);
      expect(pages.map((page) => page.length)).toEqual([10, 10, 5]);
      expect(pages.flat()).toEqual(Array.from({ length: 25 }, (_, n) => messageId(24 - n)));
    });

    test('a page that ends with the oldest message has no cursor', async () => {
      const roomId = await roomWith(stores, { count: 10 });
      expect((await stores().messages.history(roomId, { limit: 10 })).nextCursor).toBeUndefined();
      expect((await stores().messages.history(roomId, { limit: 9 })).nextCursor).toBe(messageId(1));
    });

    test('an empty room, and nothing before the oldest', async () => {
      expect(await stores().messages.history(someRoomId(), { limit: 5 })).toEqual({ messages: [] });
      const roomId = await roomWith(stores, { count: 2 });
      expect(await stores().messages.history(roomId, { limit: 5, before: messageId(0) })).toEqual({
        messages: [],
      });
    });

    test('`before` need not name a stored message', async () => {
      const roomId = await roomWith(stores, { count: 3 });
      const page = await stores().messages.history(roomId, { limit: 5, before: messageId(999) });
      expect(page.messages).toHaveLength(3);
    });

    test('pages larger than 1 MB are complete', async () => {
      const roomId = await roomWith(stores, { count: 60, content: LONGEST });
      const pages = await allPages(stores, roomId, 50);
      expect(pages.map((page) => page.length)).toEqual([50, 10]);
      expect(new Set(pages.flat()).size).toBe(60);
    });
  });

  describe('MessageStore: since', () => {
    const at = (n: number, roomId: RoomId) => idOf({ at: NOW + n, requestId: 'r' }, roomId);
    async function timedRoom(count: number, content = 'hello'): Promise<RoomId> {
      const roomId = someRoomId();
      await race(count, (n) =>
        stores().messages.append(someMessage({ roomId, id: at(n, roomId), content, createdAt: NOW + n })),
      );
      return roomId;
    }
    const instants = (found: readonly Message[]) => found.map(({ createdAt }) => createdAt - NOW);

    test('oldest first, from an instant on, whole messages', async () => {
      const roomId = await timedRoom(5);
      const all = await stores().messages.since(roomId, { from: NOW + 2, limit: 10 });
      expect(all.complete).toBe(true);
      expect(instants(all.found)).toEqual([2, 3, 4]);
      expect(all.found[0]).toStrictEqual(await stores().messages.get(roomId, at(2, roomId)));
      expect(await stores().messages.since(roomId, { from: NOW + 5, limit: 10 })).toEqual({
        found: [],
        complete: true,
      });
      expect((await stores().messages.since(roomId, { from: -1, limit: 10 })).found).toHaveLength(5);
    });

    test('the oldest, and that there are more', async () => {
      const roomId = await timedRoom(5);
      const some = await stores().messages.since(roomId, { from: NOW, limit: 4 });
      expect([some.complete, instants(some.found)]).toEqual([false, [0, 1, 2, 3]]);
      const exactly = await stores().messages.since(roomId, { from: NOW, limit: 5 });
      expect([exactly.complete, instants(exactly.found)]).toEqual([true, [0, 1, 2, 3, 4]]);
    });

    test('more than 1 MB: what was read is without a gap, and what is left out is told', async () => {
      const roomId = await timedRoom(60, LONGEST);
      const seen: number[] = [];
      for (let complete = false; !complete;) {
        const from = NOW + seen.length;
        const page = await stores().messages.since(roomId, { from, limit: 1_000 });
        expect(page.found.length).toBeGreaterThan(0);
        seen.push(...instants(page.found));
        complete = page.complete;
      }
      expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => n));
    });
  });

  describe('MessageStore: countAfter', () => {
    test('counts what others wrote after a message, up to the limit', async () => {
      const [me, other] = [someUserId(), someUserId()];
      const roomId = await roomWith(stores, { count: 20, senders: [me, other] });
      const count = (limit: number, after?: MessageId) =>
        stores().messages.countAfter(roomId, {
          exceptSender: me,
          limit,
          ...(after === undefined ? {} : { after }),
        });

      expect(await count(100)).toBe(10);
      expect(await count(100, messageId(9))).toBe(5);
      expect(await count(3, messageId(9))).toBe(3);
      expect(await count(100, messageId(19))).toBe(0);
      expect(await stores().messages.countAfter(someRoomId(), { exceptSender: me, limit: 5 })).toBe(0);
    });

    test('counts past 1 MB of messages', async () => {
      const roomId = await roomWith(stores, { count: 50, content: LONGEST });
      expect(await stores().messages.countAfter(roomId, { exceptSender: someUserId(), limit: 100 })).toBe(50);
    });
  });
}

export function claimContract(stores: () => Stores): void {
  describe('MessageStore: claim', () => {
    const claimFor = (over: { roomId?: RoomId; userId?: UserId; n?: number; at?: number } = {}) => ({
      roomId: over.roomId ?? roomId,
      userId: over.userId ?? userId,
      clientMessageId,
      messageId: messageId(over.n ?? 1),
      at: over.at ?? NOW,
    });
    const [roomId, userId, clientMessageId] = [someRoomId(), someUserId(), someClientMessageId()];

    test('the first wins; later ones get its id and instant', async () => {
      expect(await stores().messages.claim(claimFor())).toEqual({ messageId: messageId(1), at: NOW });
      const later = claimFor({ n: 2, at: NOW + HOUR });
      expect(await stores().messages.claim(later)).toEqual({ messageId: messageId(1), at: NOW });
    });

    test('rooms and senders do not see each other’s claims', async () => {
      const elsewhere = claimFor({ roomId: someRoomId(), n: 3 });
      const another = claimFor({ userId: someUserId(), n: 4 });
      expect((await stores().messages.claim(elsewhere)).messageId).toBe(messageId(3));
      expect((await stores().messages.claim(another)).messageId).toBe(messageId(4));
    });

    test('lasts 24 hours', async () => {
      const where = { roomId: someRoomId() };
      await stores().messages.claim(claimFor(where));
      const before = claimFor({ ...where, n: 2, at: NOW + 24 * HOUR - 1_000 });
      const after = claimFor({ ...where, n: 3, at: NOW + 24 * HOUR });
      expect((await stores().messages.claim(before)).messageId).toBe(messageId(1));
      expect((await stores().messages.claim(after)).messageId).toBe(messageId(3));
    });

    test('can be noted to have been told of, which later ones learn', async () => {
      const where = { roomId: someRoomId() };
      expect(await stores().messages.claimed(claimFor(where), NOW)).toBeUndefined();
      await stores().messages.told(claimFor(where));
      await stores().messages.claim(claimFor(where));
      const first = { messageId: messageId(1), at: NOW };
      expect(await stores().messages.claimed(claimFor(where), NOW)).toStrictEqual(first);
      await stores().messages.told(claimFor(where));
      expect(await stores().messages.claimed(claimFor(where), NOW)).toStrictEqual({ ...first, told: true });
      const again = claimFor({ ...where, n: 2, at: NOW + 5 });
      expect(await stores().messages.claim(again)).toStrictEqual({ ...first, told: true });
      expect(await stores().messages.claimed(claimFor(where), NOW + 24 * HOUR)).toBeUndefined();
    });

    test('50 racing claims all get the same winner', async () => {
      const where = { roomId: someRoomId() };
      const answers = await race(50, (n) => stores().messages.claim(claimFor({ ...where, n, at: NOW + n })));
      expect(new Set(answers.map((answer) => answer.messageId)).size).toBe(1);
      expect(new Set(answers.map((answer) => answer.at)).size).toBe(1);
    });
  });
}

async function roomWith(
  stores: () => Stores,
  what: { readonly count: number; readonly content?: string; readonly senders?: readonly UserId[] },
): Promise<RoomId> {
  const roomId = someRoomId();
  const senders = what.senders ?? [someUserId()];
  await race(what.count, (n) =>
    stores().messages.append(
      someMessage({
        roomId,
        id: messageId(n),
        content: what.content ?? `message ${n}`,
        sender: { id: senders[n % senders.length] ?? someUserId(), username: 'anna' },
      }),
    ),
  );
  return roomId;
}

async function allPages(
  stores: () => Stores,
  roomId: RoomId,
  limit: number,
): Promise<readonly MessageId[][]> {
  const pages: MessageId[][] = [];
  let before: MessageId | undefined;
  do {
    const page = await stores().messages.history(roomId, {
      limit,
      ...(before === undefined ? {} : { before }),
    });
    pages.push(page.messages.map(({ id }) => id));
    before = page.nextCursor;
  } while (before !== undefined);
  return pages;
}
