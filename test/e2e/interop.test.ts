import { once } from 'node:events';

import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { hangUp } from '../../examples/contracts/hang-up.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import type { NativeClient } from '../support/native-client.ts';
import { rest, type Person } from '../support/rest-client.ts';

/** One room, and a client of every vocabulary in it; each is another user. */
const NAMES = ['messenger', 'rooms', 'chats', 'notifications', 'native'] as const;
type Name = (typeof NAMES)[number];
type Told = readonly [event: string, payload: Record<string, unknown>];

const ID = expect.stringMatching(/^[0-9A-HJKMNP-TV-Z]{26}$/);
const INSTANT = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/);
/** Long enough to be missed. */
const ABSENCE_MS = 11_000;

let causeway: Causeway;
let people: Record<Name, Person>;
let room: string;
let sockets: Record<Exclude<Name, 'native'>, Socket>;
let native: NativeClient;
/** What each client was told since the test began. */
const told: Record<Name, Told[]> = { messenger: [], rooms: [], chats: [], notifications: [], native: [] };

beforeAll(async () => {
  causeway = await startCauseway();
  const registered = await Promise.all(NAMES.map((name) => causeway.register(name)));
  people = Object.fromEntries(NAMES.map((name, index) => [name, registered[index]])) as typeof people;
  room = await causeway.createRoom(people.messenger, registered.slice(1));
  sockets = {
    messenger: await enter(people.messenger),
    rooms: await enter(people.rooms, '/chat'),
    chats: await enter(people.chats),
    // Says nothing, so it never chooses: it is told everything in all words.
    notifications: await enter(people.notifications),
  };
  native = await causeway.connect(people.native);
  await native.request({ action: 'join', roomId: room });
  await sockets.rooms.emitWithAck('join_room', { roomId: room });
  // A word of its own chooses the vocabulary; joining tells nobody.
  await sockets.chats.emitWithAck('chat:join', { chatId: room });
  await sockets.messenger.emitWithAck('message', { message: 'to the lobby' });
  // Until everybody has heard who came.
  await causeway.advance(5_000);
  await settle();
  for (const [name, socket] of Object.entries(sockets) as [Name, Socket][])
    socket.onAny((event: string, payload: Told[1]) => told[name].push([event, payload]));
  await settle();
});
afterAll(() => causeway?.close());
beforeEach(() => {
  for (const name of NAMES) told[name].length = 0;
  native.frames.length = 0;
});

async function enter(person: Person, nsp = '/'): Promise<Socket> {
  const socket = io(causeway.urls.origin + nsp, { auth: { token: person.token }, forceNew: true });
  await once(socket as never, 'connect');
  const { engine } = socket.io;
  if (engine.transport.name !== 'websocket') await once(engine as never, 'upgrade');
  return socket;
}

/** What was asked for so far has been done, and has been told to everybody. */
async function settle(): Promise<void> {
  const fence = async () => {
    await Promise.all(Object.values(sockets).map((socket) => socket.emitWithAck('fence')));
    await native.request({ action: 'ping' });
  };
  await fence();
  await causeway.quiet();
  await fence();
  told.native = native.frames
    .filter(({ event }) => event !== 'pong')
    .map(({ event = '', id: _request, offset: _offset, ...payload }) => [event, payload]);
}

const sorted = (events: readonly Told[]) =>
  events.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1));

/** Every client was told this and nothing else, each once. */
function expectTold(expected: Readonly<Partial<Record<Name, readonly Told[]>>>): void {
  expect(Object.fromEntries(NAMES.map((name) => [name, sorted(told[name])]))).toEqual(
    Object.fromEntries(NAMES.map((name) => [name, sorted(expected[name] ?? [])])),
  );
}

/** Sends one message from every client and by REST; their ids, as whoever sent them was told. */
async function oneMessageEach(): Promise<readonly { id: string; content: string; sender: Person }[]> {
  const { messenger, rooms, chats } = sockets;
  const say = async (name: Name, sent: Promise<{ id: string }>) => {
    const { id } = await sent;
    return { id, content: `from ${name}`, sender: people[name] };
  };
  return [
    await say(
      'messenger',
      messenger.emitWithAck('message', { message: 'from messenger', context: { roomId: room } }),
    ),
    await say('rooms', rooms.emitWithAck('send_message', { roomId: room, content: 'from rooms' })),
    await say('chats', chats.emitWithAck('message:send', { chatId: room, content: 'from chats' })),
    await say(
      'native',
      native
        .request({ action: 'send', roomId: room, content: 'from native' })
        .then(({ message }) => message as { id: string }),
    ),
    await say(
      'notifications',
      rest(causeway.urls.origin, {
        path: `/chat/rooms/${room}/messages`,
        token: people.notifications.token,
        body: { content: 'from notifications' },
      }).then(({ body }) => body as { id: string }),
    ),
  ];
}

type Sent = Awaited<ReturnType<typeof oneMessageEach>>[number];

/** A message as the documents have it. */
const WORDS = {
  messenger: ({ id, content, sender }: Sent) => ({
    id,
    message: content,
    timestamp: INSTANT,
    ...(sender === people.messenger ? { context: { roomId: room } } : {}),
  }),
  rooms: ({ id, content, sender: { id: _id, email, username } }: Sent) => ({
    id,
    roomId: room,
    sender: { _id, email, displayName: username.toUpperCase() },
    content,
    createdAt: INSTANT,
  }),
  chats: ({ id, content, sender: { id: sender_id, username, email } }: Sent) => ({
    id,
    chat_id: room,
    sender_id,
    content,
    message_type: 'text',
    created_at: INSTANT,
    sender: { id: sender_id, username, displayName: username.toUpperCase(), email },
  }),
};

describe('five clients of five vocabularies in one room', () => {
  test('each says something, and everybody hears everything once, in words of their own, with the same ids', async () => {
    const sent = await oneMessageEach();
    await settle();
    expect(new Set(sent.map(({ id }) => id)).size).toBe(5);
    for (const { id } of sent) expect(id).toEqual(ID);
    expectTold({
      messenger: sent.map((each) => ['message', WORDS.messenger(each)]),
      rooms: sent.map((each) => ['message', WORDS.rooms(each)]),
      chats: sent.map((each) => ['message:new', WORDS.chats(each)]),
      notifications: sent.flatMap((each): Told[] => [
        ['message', { ...WORDS.messenger(each), ...WORDS.rooms(each) }],
        ['message:new', WORDS.chats(each)],
      ]),
      native: sent.map(({ id, content, sender }) => [
        'message.created',
        {
          message: expect.objectContaining({
            id,
            roomId: room,
            content,
            sender: expect.objectContaining({ id: sender.id }),
          }) as object,
        },
      ]),
    });
    const history = await rest<{ messages: { id: string; content: string }[] }>(causeway.urls.origin, {
      path: `/chat/rooms/${room}/messages?limit=5`,
      token: people.rooms.token,
    });
    expect(history.body.messages.map(({ id, content }) => [id, content]).toReversed()).toEqual(
      sent.map(({ id, content }) => [id, content]),
    );
  });

  /** Who types, and how. */
  const TYPISTS: Readonly<Partial<Record<Name, (isTyping: boolean) => Promise<unknown>>>> = {
    messenger: (isTyping) => sockets.messenger.emitWithAck('typing', isTyping),
    rooms: (isTyping) =>
      isTyping ? sockets.rooms.emitWithAck('typing', { roomId: room }) : Promise.resolve(),
    chats: (isTyping) => sockets.chats.emitWithAck(`typing:${isTyping ? 'start' : 'stop'}`, { chatId: room }),
    native: async (isTyping) => native.send({ action: 'typing', roomId: room, isTyping }),
  };

  test.each(Object.entries(TYPISTS))(
    '%s types and stops, and the others hear it as they have words for it',
    async (name, type) => {
      const { id: userId, username } = people[name as Name];
      await sockets.messenger.emitWithAck('message', { message: 'here', context: { roomId: room } });
      await settle();
      for (const each of NAMES) told[each].length = 0;
      native.frames.length = 0;
      // rooms has no word for stopping: whoever is silent for ten seconds has stopped.
      const stops = name === 'rooms' ? async () => causeway.advance(ABSENCE_MS) : () => type(false);
      await type(true);
      await settle();
      await stops();
      await settle();
      const started = {
        messenger: [['userTyping', { userId, username, isTyping: true }]],
        rooms: [['user_typing', { userId, roomId: room }]],
        chats: [['typing:start', { chatId: room, userId, username }]],
        native: [['typing.changed', { roomId: room, userId, username, isTyping: true }]],
      } satisfies Partial<Record<Name, Told[]>>;
      const stopped = {
        messenger: [['userTyping', { userId, username, isTyping: false }]],
        chats: [['typing:stop', { chatId: room, userId }]],
        native: [['typing.changed', { roomId: room, userId, username, isTyping: false }]],
      } satisfies Partial<Record<Name, Told[]>>;
      const heard = {
        messenger: [...started.messenger, ...stopped.messenger],
        rooms: started.rooms,
        chats: [...started.chats, ...stopped.chats],
        native: [...started.native, ...stopped.native],
      } as Partial<Record<Name, readonly Told[]>>;
      expectTold({
        ...heard,
        notifications: [...(heard.messenger ?? []), ...(heard.rooms ?? []), ...(heard.chats ?? [])],
        // Nobody hears of themselves.
        [name]: [],
      });
    },
  );

  test.each(['chats', 'native'] as const)(
    '%s reads, and those with a word for it are told once',
    async (reader) => {
      const { id: messageId } = (await sockets.rooms.emitWithAck('send_message', {
        roomId: room,
        content: 'read this',
      })) as { id: string };
      await settle();
      for (const each of NAMES) told[each].length = 0;
      native.frames.length = 0;
      for (let times = 0; times < 2; times += 1)
        await (reader === 'chats'
          ? sockets.chats.emitWithAck('message:read', { chatId: room, messageId })
          : native.request({ action: 'read', roomId: room, messageId }));
      await settle();
      const userId = people[reader].id;
      const word: Told = ['message:read', { messageId, chatId: room, userId }];
      const own: Told = ['message.read', { roomId: room, userId, messageId, readAt: INSTANT }];
      expectTold({
        // Whoever asks twice is answered twice.
        chats: reader === 'chats' ? [word, word] : [word],
        notifications: [word],
        native: reader === 'native' ? [own, own] : [own],
      });
    },
  );

  test('somebody comes and goes for good: told where there is a word for it, once, however many devices they have', async () => {
    const sixth = await causeway.register('sixth');
    await rest(causeway.urls.origin, {
      path: `/chat/rooms/${room}/participants`,
      token: people.messenger.token,
      body: { participantIds: [sixth.id] },
    });
    const devices = [await enter(sixth), await enter(sixth, '/chat')];
    await settle();
    await causeway.advance(2_000);
    await settle();
    const { id: userId, username } = sixth;
    const presence = (isOnline: boolean) => ({
      messenger: [['userStatus', { userId, username, isOnline, ...(isOnline ? {} : { lastSeen: INSTANT }) }]],
      chats: [['user:status', { userId, status: isOnline ? 'online' : 'offline' }]],
      native: [
        ['presence.changed', { userId, username, isOnline, ...(isOnline ? {} : { lastSeen: INSTANT }) }],
      ],
    });
    const expected = (isOnline: boolean) => {
      const words = presence(isOnline) as unknown as Record<'messenger' | 'chats' | 'native', Told[]>;
      return { ...words, notifications: [...words.messenger, ...words.chats] };
    };
    expectTold(expected(true));
    for (const each of NAMES) told[each].length = 0;
    native.frames.length = 0;

    await hangUp(devices[0]!);
    await settle();
    await causeway.advance(ABSENCE_MS);
    await settle();
    expectTold({});
    await hangUp(devices[1]!);
    await settle();
    await causeway.advance(ABSENCE_MS);
    await settle();
    expectTold(expected(false));
  });

  test('a notification is for its user alone, whatever they speak', async () => {
    const { Emitter } = await import('causeway/emitter');
    const { LambdaClient } = await import('@aws-sdk/client-lambda');
    const { OPERATOR_CREDENTIALS } = await import('../../emulator/index.ts');
    const client = new LambdaClient({
      endpoint: causeway.awsEndpoint,
      region: 'us-east-1',
      credentials: OPERATOR_CREDENTIALS,
    });
    onTestFinished(() => client.destroy());
    const emitter = new Emitter({ functionName: causeway.outputs['NotifyFunction']!, client });
    for (const name of NAMES) await emitter.to(people[name].id).emit('notification.new', { for: name });
    await settle();
    const pushed = (name: Name): Told[] => [['notification.new', { id: ID, createdAt: INSTANT, for: name }]];
    expectTold({
      messenger: pushed('messenger'),
      chats: pushed('chats'),
      notifications: pushed('notifications'),
      // `rooms` on /chat has no word for it.
      native: [
        [
          'notification.created',
          { notification: expect.objectContaining({ payload: { for: 'native' } }) as object },
        ],
      ],
    });
  });
});

test('a socket hears every vocabulary until it speaks one, and that one from then on', async () => {
  const socket = await enter(people.notifications);
  onTestFinished(() => {
    socket.disconnect();
  });
  const names: string[] = [];
  // Who comes and goes is told about a second later.
  socket.onAny((event: string) => void (event.startsWith('message') && names.push(event)));
  const say = async (content: string) => {
    names.length = 0;
    await sockets.rooms.emitWithAck('send_message', { roomId: room, content });
    await settle();
    await socket.emitWithAck('fence');
    return names.toSorted();
  };
  expect(await say('to somebody who has not chosen')).toEqual(['message', 'message:new']);
  await socket.emitWithAck('message', { message: 'chosen', context: { roomId: room } });
  expect(await say('to somebody who speaks messenger')).toEqual(['message']);
  expect(await socket.emitWithAck('message:send', { chatId: room, content: 'x' })).toEqual({
    error: { code: 'unknown_action', message: 'Unknown event: message:send' },
  });
  // The lifecycle and notifications belong to everybody.
  expect(await socket.emitWithAck('notification.read', { id: '0'.repeat(26) })).toMatchObject({
    error: { code: 'not_found' },
  });
});
