import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { DOCUMENTS, readDocument, type DocumentName } from '../../examples/contracts/document.ts';
import { Page, type Heard } from '../../examples/contracts/page.ts';
import { BY_REST, play, PUSHED, type Play } from '../../examples/contracts/play.ts';
import { brokenPromises, unexpectedErrors } from '../../examples/contracts/promises.ts';
import settings from '../../examples/contracts/causeway.config.ts';
import { createWorld, type World } from '../../examples/contracts/world.ts';
import { createUserStore } from '../../lambdas/adapters/dynamodb/users.ts';
import type { Email, UserId } from '../../lambdas/domain/ids.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { builtInToken } from '../support/foreign-tokens.ts';
import { openTable } from '../support/operator-table.ts';
import { descriptionsOf, shortcomings } from './documented.ts';

let causeway: Causeway;
let world: World;
const plays = new Map<DocumentName, Play>();

beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'examples/contracts/causeway.config.ts' });
  world = createWorld(causeway, settings.auth?.tokenTtlSeconds ?? 0);
});
afterAll(async () => {
  world?.close();
  await causeway?.close();
});

const played = async (name: DocumentName): Promise<Play> => {
  const known = plays.get(name);
  if (known !== undefined) return known;
  const fresh = await play(world, readDocument(name)).catch((error: unknown) => {
    // What the functions said is the only witness of a page that waited in vain.
    console.error(
      causeway.logs
        .slice(-80)
        .map((entry) => JSON.stringify(entry))
        .join('\n'),
    );
    throw error;
  });
  plays.set(name, fresh);
  return fresh;
};

const ID = expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/);
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

/** Shown in a document of a user whose id is a number; ids of people who register here are text. The number has its own test. */
const SHOWN = ['connected.user.user_id is string, not number'];

/** Payloads of an event that the pages whose names begin so were told; the pages of one person hear the same. */
const told = ({ pages }: Play, who: string, event: string): readonly unknown[] =>
  pages
    .filter(({ name }) => name.startsWith(who))
    .flatMap(({ heard }) => heard.filter((each) => each.event === event).map(({ args }) => args[0]));

const lines = ({ pages }: Play, who: string): readonly (readonly unknown[])[] =>
  pages.filter(({ name }) => name.startsWith(who)).flatMap(({ printed }) => printed);

describe.each(DOCUMENTS)('the samples of %s, run as they stand in the document', (name) => {
  test('hear everything they listen for, and print everything they are to print', async () => {
    const broken = brokenPromises(await played(name));
    expect(
      broken.map(({ sample: { line }, what, name: text }) => `line ${line}: ${text} was not ${what}`),
    ).toEqual([]);
  });

  test('are refused nothing they do', async () => {
    expect(unexpectedErrors(await played(name))).toEqual([]);
  });

  test('get every field that the document describes, of the type it says', async () => {
    const { pages } = await played(name);
    const descriptions = descriptionsOf(name);
    expect(descriptions.length).toBeGreaterThan(0);
    for (const description of descriptions) {
      const heard = pages.flatMap((page) => page.heard.filter(({ event }) => event === description.event));
      expect(heard.length, description.event).toBeGreaterThan(0);
      for (const { args } of heard)
        expect(shortcomings(description, args[0]).filter((each) => !SHOWN.includes(each))).toEqual([]);
    }
  });

  test('get one argument, and a recovery offset behind it at most', async () => {
    const { pages } = await played(name);
    const known = new Set(descriptionsOf(name).map(({ event }) => event));
    const heard = pages.flatMap((page) => page.heard).filter(({ event }: Heard) => known.has(event));
    for (const { args } of heard) expect([1, 2]).toContain(args.length);
    for (const { args } of heard)
      expect(args.slice(1).every((offset) => typeof offset === 'string')).toBe(true);
  });

  test('with a token that is none are not let in, and are told why', async () => {
    const { pages } = await played(name);
    const strangers = pages.filter((page) => page.name.startsWith('stranger'));
    expect(strangers.length).toBeGreaterThan(0);
    for (const { heard } of strangers) {
      expect(heard.map(({ event }) => event)).toEqual(['connect_error']);
      expect(heard[0]?.args[0]).toMatchObject({
        message: 'Authentication failed: Token invalid',
        data: { code: 'token_invalid' },
      });
    }
  });
});

describe('fama', () => {
  test('greets by name, and says so when a token has run out', async () => {
    const { reader, ...rest } = await played('fama');
    const [greeting] = told({ reader, ...rest }, 'reader', 'connected');
    expect(greeting).toEqual({
      message: 'Successfully connected',
      user: { user_id: reader.id, username: reader.username },
    });
    const printed = lines({ reader, ...rest }, 'reader');
    expect(printed).toContainEqual(['Połączono jako:', reader.username]);
    expect(printed).toContainEqual(['Błąd serwera:', 'Authentication failed: Token expired']);
    expect(lines({ reader, ...rest }, 'stranger')).toContainEqual([
      'Błąd połączenia:',
      'Authentication failed: Token invalid',
    ]);
  });
});

test('fama: the user of the document gets the payload of the document, to the letter', async () => {
  const [[, json = ''] = []] = [
    ...readDocument('fama').text.matchAll(/`connected`[\s\S]*?```json\n([\s\S]*?)```/g),
  ];
  const documented = JSON.parse(json) as { user: { user_id: number; username: string } };
  const { user_id, username } = documented.user;
  const table = openTable(causeway);
  // Registered elsewhere, as users that a team brings along are.
  await createUserStore({ ...table, now: Date.now }).register(
    { id: String(user_id) as UserId, username, email: `${username}@fama.example` as Email, createdAt: 0 },
    'no password',
  );
  table.close();
  const token = await builtInToken(causeway, String(user_id), { username });
  const page = new Page('alice', { origin: world.origin, token, room: '', message: '' });
  await page.run(readDocument('fama').samples[0]!);
  expect((await page.hears('connected')).args[0]).toEqual(documented);
  await page.close();
});

describe('messenger', () => {
  test('a message is what the document shows and nothing else, to a client that has chosen', async () => {
    const messenger = await played('messenger');
    const { room, message } = messenger;
    const own = told(messenger, 'colleague', 'message');
    expect(own).toContainEqual({
      id: ID,
      message: 'Votre message',
      timestamp: INSTANT,
      context: { roomId: room, replyTo: message },
    });
    expect(own).toContainEqual({
      id: ID,
      message: 'Bonjour !',
      timestamp: INSTANT,
      context: { roomId: room },
    });
    expect(own).toContainEqual({ id: ID, message: BY_REST, timestamp: INSTANT });
  });

  test('typing and presence name the user', async () => {
    const messenger = await played('messenger');
    const { id: userId, username } = messenger.colleague;
    for (const isTyping of [true, false])
      expect(told(messenger, 'reader', 'userTyping')).toContainEqual({ userId, username, isTyping });
    const status = told(messenger, 'reader', 'userStatus');
    expect(status).toContainEqual({ userId, username, isOnline: true });
    expect(status).toContainEqual({ userId, username, isOnline: false, lastSeen: INSTANT });
  });
});

describe('rooms', () => {
  test('a message is what the table says, by REST too', async () => {
    const rooms = await played('rooms');
    const { room: roomId, colleague } = rooms;
    const { id: _id, email, displayName } = colleague;
    const sender = { _id, email, displayName };
    for (const content of ['Hello!', BY_REST])
      expect(told(rooms, 'reader', 'message')).toContainEqual({
        id: ID,
        roomId,
        sender,
        content,
        createdAt: INSTANT,
      });
    expect(told(rooms, 'reader', 'user_typing')).toContainEqual({ userId: _id, roomId });
    expect(lines(rooms, 'reader')).toContainEqual(['User typing', _id, roomId]);
  });

  test('what is reserved is never sent', async () => {
    const { pages } = await played('rooms');
    const names = pages.flatMap(({ heard }) => heard.map(({ event }) => event));
    expect(names.filter((event) => event.startsWith('file_'))).toEqual([]);
  });
});

describe('chats', () => {
  test('a message is what the document lists', async () => {
    const chats = await played('chats');
    const { id, username, displayName, email } = chats.colleague;
    const created = {
      id: ID,
      chat_id: chats.room,
      sender_id: id,
      message_type: 'text',
      created_at: INSTANT,
      sender: { id, username, displayName, email },
    };
    for (const content of ['Hello!', 'Hello, world!', BY_REST])
      expect(told(chats, 'reader', 'message:new')).toContainEqual({ ...created, content });
  });

  test('joining, receipts, typing and presence are told as its samples print them', async () => {
    const chats = await played('chats');
    const { room, message, colleague } = chats;
    expect(lines(chats, 'colleague')).toContainEqual(['Joined chat:', room]);
    expect(lines(chats, 'colleague')).toContainEqual(['Left chat:', room]);
    const printed = lines(chats, 'reader');
    for (const line of [
      ['Message read:', message, 'by user:', colleague.id],
      [colleague.username, 'is typing in chat', room],
      ['User', colleague.id, 'stopped typing'],
      ['User', colleague.id, 'is now', 'online'],
      ['User', colleague.id, 'is now', 'offline'],
    ])
      expect(printed).toContainEqual(line);
  });
});

describe('notifications', () => {
  test("a back end's line reaches every page of the user with what it pushed, and nobody else", async () => {
    const notifications = await played('notifications');
    const pushed = told(notifications, 'reader', 'notification.new');
    expect(pushed).toHaveLength(2);
    for (const payload of pushed) expect(payload).toEqual({ ...PUSHED, id: ID, createdAt: INSTANT });
    expect(told(notifications, 'colleague', 'notification.new')).toEqual([]);
    expect(lines(notifications, 'reader')).toContainEqual([
      'Nouvelle notification reçue :',
      expect.objectContaining(PUSHED),
    ]);
  });
});

describe('a document that is changed on disk changes the test', () => {
  const changed = async (name: string, before: string, after: string): Promise<Play> => {
    const directory = await mkdtemp(join(tmpdir(), 'causeway-'));
    const { text } = readDocument('notifications');
    expect(text).toContain(before);
    await writeFile(join(directory, `${name}.md`), text.replaceAll(before, after));
    return play(world, readDocument(name, directory));
  };

  test('an event of another name is missed', async () => {
    const broken = brokenPromises(await changed('renamed', '"notification.new"', '"notification.fresh"'));
    expect(broken.map(({ name, what }) => `${name} ${what}`)).toEqual([
      'notification.fresh heard',
      'Nouvelle notification reçue : printed',
    ]);
  });

  test('something that it does and nobody understands is an error', async () => {
    const odd = await changed(
      'odd',
      'socket.on("notification.new"',
      'socket.emit(\'odd\');\nsocket.on("notification.new"',
    );
    expect(unexpectedErrors(odd).map(({ message }) => message)).toContain('Unknown event: odd');
  });
});
