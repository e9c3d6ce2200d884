import { appendFileSync, readFileSync } from 'node:fs';

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { importFiles } from '../../bin/import/import-files.ts';
import { importedId } from '../../bin/import/imported-id.ts';
import { forgetfulState, openState, type State } from '../../bin/import/state.ts';
import { createPasswordHasher } from '../../lambdas/adapters/auth/password.ts';
import { createDynamoStores, type Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import type { Email, RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { startDynalite, type LocalDynamo } from '../support/dynalite-server.ts';
import { createTestTable } from '../support/dynamo-table.ts';
import { createFolder, type Folder } from './support/files.ts';

const AT = Date.parse('2024-05-06T07:08:09.123Z');
const ANN = '66387c8f9b1e8a001f3c4d5e';
const BEN = 'auth0|ben';
const ROOM = '0f8fad5b-d9cb-469f-a165-70867728950e';
const roomId = ROOM as RoomId;
const quietTerminal = { write: () => true };

let dynamo: LocalDynamo;
let table: Table;
let stores: Stores;
let folder: Folder;
let state: State;

beforeAll(async () => {
  dynamo = await startDynalite();
});
afterAll(() => dynamo.close());

// One table for all: each test has rooms and users of its own, or repeats what is there.
beforeAll(async () => {
  table = { ...(await createTestTable(dynamo.endpoint)), now: Date.now };
  stores = createDynamoStores(table);
});
afterAll(() => table.client.destroy());

beforeEach(async () => {
  folder = createFolder();
  state = await openState(folder.path('state.json'), 'table');
  return folder.remove;
});

const USERS = [
  { id: ANN, username: 'ann', email: 'ann@example.com', role: 'admin', createdAt: AT },
  { id: BEN, username: 'ben', displayName: 'Ben', createdAt: AT },
];
const ROOMS = [
  {
    id: ROOM,
    name: 'tea',
    createdBy: ANN,
    createdAt: AT,
    participants: [ANN, { id: BEN, joinedAt: AT + 1, lastRead: { id: '7', createdAt: AT, readAt: AT + 5 } }],
  },
];
const MESSAGES = [
  { id: 7, roomId: ROOM, senderId: ANN, content: 'first', createdAt: AT },
  { id: 8, roomId: ROOM, senderId: BEN, content: 'second', createdAt: AT, replyTo: { id: 7, createdAt: AT } },
  {
    id: 'x/9',
    roomId: ROOM,
    senderId: 'gone',
    username: 'Gus',
    content: 'third',
    messageType: 'image',
    createdAt: AT + 1,
    context: { a: 1 },
  },
];

describe('an import', () => {
  test('keeps ids, instants, order, replies, receipts and names', async () => {
    const summaries = await run({ users: USERS, rooms: ROOMS, messages: MESSAGES });
    expect(summaries.map(({ kind, imported, rejected }) => [kind, imported, rejected])).toEqual([
      ['users', 2, 0],
      ['rooms', 1, 0],
      ['messages', 3, 0],
    ]);
    expect(await stores.users.get(ANN as UserId)).toEqual(USERS[0]);
    const { participants: _, ...room } = ROOMS[0]!;
    expect(await stores.rooms.get(roomId)).toEqual(room);
    expect(await stores.rooms.roomsOf(BEN as UserId)).toEqual([ROOM]);
    const { messages } = await stores.messages.history(roomId, { limit: 10 });
    const [third, second, first] = messages;
    expect(messages).toEqual([
      expect.objectContaining({
        content: 'third',
        messageType: 'image',
        sender: { id: 'gone', username: 'Gus' },
        context: { a: 1, originalId: 'x/9' },
        createdAt: AT + 1,
      }),
      expect.objectContaining({
        content: 'second',
        clientMessageId: '8',
        sender: { id: BEN, username: 'ben', displayName: 'Ben' },
        replyTo: first?.id,
      }),
      expect.objectContaining({ content: 'first', clientMessageId: '7', createdAt: AT }),
    ]);
    expect(third).not.toHaveProperty('clientMessageId');
    expect(await stores.rooms.participant(roomId, BEN as UserId, 'strong')).toEqual({
      roomId,
      userId: BEN,
      joinedAt: AT + 1,
      lastReadMessageId: first?.id,
      lastReadAt: AT + 5,
    });
    const unread = { exceptSender: ANN as UserId, after: first!.id, limit: 100 };
    expect(await stores.messages.countAfter(roomId, unread)).toBe(2);
    expect(second?.id).toBeDefined();
  });

  test('that is repeated adds nothing, and leaves names and newer receipts as they are by now', async () => {
    const { messages } = await stores.messages.history(roomId, { limit: 10 });
    const newest = messages[0]!.id;
    const receipt = { roomId, userId: BEN as UserId, messageId: newest, readAt: AT + 9 };
    expect(await stores.rooms.advanceReceipt(receipt)).toBe('advanced');
    const again = USERS.map((user) => ({ ...user, username: 'somebody else' }));
    await run({ users: again, rooms: ROOMS, messages: [...MESSAGES, ...MESSAGES] });
    expect(await stores.messages.history(roomId, { limit: 10 })).toEqual({ messages });
    expect(await stores.rooms.participant(roomId, BEN as UserId, 'strong')).toMatchObject({
      lastReadMessageId: newest,
    });
    expect(await stores.users.get(ANN as UserId)).toEqual(USERS[0]);
  });

  test('moves a receipt forward when the old system has read on', async () => {
    const room = { id: 'reading', createdAt: AT };
    for (const id of ['1', '2', '1']) {
      state = await openState(folder.path(`state-${Math.random()}`), 'table');
      await run({ rooms: [{ ...room, participants: [{ id: ANN, lastRead: { id, createdAt: AT } }] }] });
    }
    const found = await stores.rooms.participant('reading' as RoomId, ANN as UserId, 'strong');
    const read = { id: '2', createdAt: { ms: AT, micros: 0 } };
    expect(found?.lastReadMessageId).toBe(importedId(read, 'reading' as RoomId));
  });

  test('brings accounts that can sign in, and no address to two users', async () => {
    const hasher = createPasswordHasher({ logN: 1 });
    const passwordHash = await hasher.hash('long enough');
    const cleo = { id: 'cleo', username: 'cleo', email: 'cleo@example.com', createdAt: AT, passwordHash };
    expect(await run({ users: [cleo, cleo] })).toMatchObject([{ imported: 2, rejected: 0 }]);
    state = await openState(folder.path('another.json'), 'table');
    const later = [cleo, { ...cleo, id: 'thief' }];
    expect(await run({ users: later })).toMatchObject([{ imported: 1, rejected: 1 }]);
    expect(folder.rejected('users')).toEqual([{ line: 2, reason: 'email is the account of another user.' }]);
    const account = await stores.users.account('cleo@example.com' as Email);
    expect(account?.userId).toBe('cleo');
    expect(await hasher.verify('long enough', account?.passwordHash)).toBe(true);
    expect(await stores.users.get('thief' as UserId)).toBeUndefined();
  });

  test('rejects what refers to nobody, line by line, and goes on', async () => {
    const line = { roomId: ROOM, senderId: ANN, content: 'x', createdAt: AT + 100 };
    const summaries = await run({
      rooms: [
        { id: 'r-1', createdAt: AT, participants: [ANN, 'stranger'] },
        { id: 'r-2', createdAt: AT },
      ],
      messages: [
        'not JSON',
        { ...line, id: 'm-1', roomId: 'r-1' },
        '',
        { ...line, id: 'm-2', senderId: 'stranger' },
        { ...line, id: 'm-3' },
        { ...line, id: 'm/4', context: { originalId: 1 } },
        { ...line, id: 'm/5', context: { long: 'x'.repeat(8_170) } },
      ],
    });
    expect(summaries).toMatchObject([
      { imported: 1, rejected: 1 },
      { imported: 1, rejected: 5 },
    ]);
    expect(folder.rejected('rooms')).toEqual([
      { line: 1, reason: 'participants: there is no user stranger.' },
    ]);
    expect(await stores.rooms.get('r-1' as RoomId)).toBeUndefined();
    expect(folder.rejected('messages')).toEqual([
      { line: 1, reason: 'Not valid JSON.' },
      { line: 2, reason: 'roomId: there is no room r-1.' },
      { line: 4, reason: 'senderId: there is no user stranger; without one a username is required.' },
      { line: 6, reason: 'context must not have a key named originalId.' },
      { line: 7, reason: 'context, with the original id in it, must be at most 8192 bytes of JSON.' },
    ]);
  });

  test('goes on where the file ended when it has grown, and refuses one that has changed', async () => {
    const file = folder.write('messages', [
      { id: 'g-1', roomId: ROOM, senderId: ANN, content: 'x', createdAt: AT },
      'bad',
    ]);
    const files = { messages: file };
    expect(await importAgain(files)).toMatchObject([{ imported: 1, rejected: 1, line: 2 }]);
    appendFileSync(file, `also bad\n`);
    expect(await importAgain(files)).toMatchObject([{ imported: 1, rejected: 2, line: 3 }]);
    expect(folder.rejected('messages').map(({ line }) => line)).toEqual([2, 3]);
    folder.write('messages', ['{"id":1}', 'something else entirely, and longer than what was there']);
    await expect(importAgain(files)).rejects.toThrow('is not the file that');
    await expect(openState(folder.path('state.json'), 'another table')).rejects.toThrow('another table');
  });

  test('to try writes nothing but the rejected lines', async () => {
    const users = folder.write('users', [{ id: 'dry', username: 'dry', createdAt: AT }, 'bad']);
    const dry = { options: { files: { users } }, state: forgetfulState(), terminal: quietTerminal };
    const summaries = await importFiles({ ...dry, signal: new AbortController().signal });
    expect(summaries).toMatchObject([{ imported: 1, rejected: 1 }]);
    expect(readFileSync(`${users}.rejected.ndjson`, 'utf8')).toBe('{"line":2,"reason":"Not valid JSON."}\n');
    expect(await stores.users.get('dry' as UserId)).toBeUndefined();
  });

  test('stops between batches when asked to, and counts only what is done', async () => {
    const controller = new AbortController();
    const lines = Array.from({ length: 3_000 }, (_, id) => ({
      id,
      roomId: ROOM,
      senderId: ANN,
      content: 'x',
      createdAt: AT + 1_000 + id,
    }));
    const files = { messages: folder.write('messages', lines) };
    const terminal = {
      isTTY: true,
      write: () => {
        controller.abort();
        return true;
      },
    };
    const stopping = { options: { files }, target: target(), state, terminal, signal: controller.signal };
    const [stopped] = await importFiles(stopping);
    expect(stopped!.imported).toBeGreaterThan(0);
    expect(stopped!.imported).toBeLessThan(3_000);
    expect(await importAgain(files)).toMatchObject([{ imported: 3_000, rejected: 0 }]);
  });
});

function run(lines: Readonly<Partial<Record<'users' | 'rooms' | 'messages', readonly (object | string)[]>>>) {
  const files = Object.entries(lines).map(([kind, of]) => [kind, folder.write(kind, of)] as const);
  return importAgain(Object.fromEntries(files));
}

function importAgain(files: Readonly<Partial<Record<'users' | 'rooms' | 'messages', string>>>) {
  const { signal } = new AbortController();
  return importFiles({ options: { files }, target: target(), state, terminal: quietTerminal, signal });
}

function target() {
  return { table, identity: 'table' };
}
