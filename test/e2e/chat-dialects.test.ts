import { once } from 'node:events';

import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { startCauseway, type Causeway } from '../support/causeway.ts';
import { rest, type Person } from '../support/rest-client.ts';

let causeway: Causeway;
let anna: Person;
let bob: Person;
let room: string;

beforeAll(async () => {
  causeway = await startCauseway();
  anna = await causeway.register('anna');
  bob = await causeway.register('bob');
  room = await causeway.createRoom(anna, [bob]);
});
afterAll(() => causeway.close());

/** A stock client and every event it got. */
interface Client {
  readonly socket: Socket;
  readonly heard: (readonly [event: string, payload: unknown])[];
  /** The payload of the first event of this name that nobody took yet. */
  hears<T = Record<string, unknown>>(event: string): Promise<T>;
}

type Options = Partial<ManagerOptions & SocketOptions>;

function open(nsp: string, options: Options): Client {
  const socket = io(causeway.urls.origin + nsp, { forceNew: true, reconnectionDelay: 1, ...options });
  onTestFinished(() => {
    socket.disconnect();
  });
  const heard: [string, unknown][] = [];
  const waiting = new Set<() => void>();
  socket.onAny((event: string, payload: unknown) => {
    heard.push([event, payload]);
    for (const wake of waiting) wake();
  });
  return {
    socket,
    heard,
    async hears<T>(event: string) {
      for (;;) {
        const index = heard.findIndex(([name]) => name === event);
        if (index !== -1) return heard.splice(index, 1)[0]![1] as T;
        await new Promise<void>((resolve) => {
          const wake = () => {
            waiting.delete(wake);
            resolve();
          };
          waiting.add(wake);
        });
      }
    },
  };
}

async function enter(person: Person, nsp = '/', options: Options = {}): Promise<Client> {
  const client = open(nsp, { auth: { token: person.token }, ...options });
  await once(client.socket as never, 'connect');
  return client;
}

describe('chat in the words of the documents, with stock clients', () => {
  test('two clients of different dialects in a room hear each other, default transports', async () => {
    const chats = await enter(anna);
    expect(await chats.hears('connected')).toEqual({
      message: 'Successfully connected',
      user: { user_id: anna.id, username: 'anna' },
    });
    const rooms = await enter(bob, '/chat');
    expect(await rooms.socket.emitWithAck('join_room', { roomId: room })).toEqual({ ok: true });
    expect(await chats.socket.emitWithAck('chat:join', { chatId: room })).toEqual({ ok: true, chatId: room });

    const sent = (await chats.socket.emitWithAck('message:send', { chatId: room, content: 'Hello!' })) as {
      id: string;
    };
    expect(sent).toMatchObject({ ok: true, chat_id: room, content: 'Hello!', message_type: 'text' });
    expect(await chats.hears('message:new')).toMatchObject({ id: sent.id, sender_id: anna.id });
    expect(await rooms.hears('message')).toMatchObject({
      id: sent.id,
      roomId: room,
      content: 'Hello!',
      sender: { _id: anna.id },
    });

    rooms.socket.emit('send_message', { roomId: room, content: 'Hi.' });
    expect(await chats.hears('message:new')).toMatchObject({ content: 'Hi.', sender_id: bob.id });
    rooms.socket.emit('typing', { roomId: room });
    expect(await chats.hears('typing:start')).toEqual({ chatId: room, userId: bob.id, username: 'bob' });
    chats.socket.emit('typing:start', { chatId: room });
    expect(await rooms.hears('user_typing')).toEqual({ userId: anna.id, roomId: room });

    const { id } = (await rooms.socket.emitWithAck('send_message', { roomId: room, content: 'Read?' })) as {
      id: string;
    };
    const other = await enter(bob);
    await other.socket.emitWithAck('chat:join', { chatId: room });
    other.socket.emit('message:read', { chatId: room, messageId: id });
    const read = { messageId: id, chatId: room, userId: bob.id };
    expect(await chats.hears('message:read')).toEqual(read);
    expect(await other.hears('message:read')).toEqual(read);
  });

  test('REST, native and Socket.IO are one room', async () => {
    const client = await enter(anna);
    const native = await causeway.connect(bob);
    native.send({ action: 'join', roomId: room });
    await client.socket.emitWithAck('chat:join', { chatId: room });
    const posted = await rest(causeway.urls.origin, {
      path: `/chat/rooms/${room}/messages`,
      token: bob.token,
      body: { content: 'by REST' },
    });
    expect(await client.hears('message:new')).toMatchObject({ id: posted.body.id, content: 'by REST' });
    native.send({ action: 'send', roomId: room, content: 'native' });
    expect(await client.hears('message:new')).toMatchObject({ content: 'native' });
  });

  test('without a token nobody gets in, and the error says why', async () => {
    const { socket } = open('/', {});
    const [error] = (await once(socket as never, 'connect_error')) as [Error & { data: unknown }];
    expect(error).toMatchObject({
      message: 'Authentication failed: Token missing',
      data: { code: 'token_missing' },
    });
    const bearer = await enter({ ...anna, token: `Bearer ${anna.token}` });
    expect(await bearer.hears('connected')).toMatchObject({ user: { user_id: anna.id } });
  });

  test('what goes wrong is an `error`, or the ack, and the connection stays', async () => {
    const stranger = await causeway.register('carl');
    const client = await enter(stranger);
    client.socket.emit('chat:join', { chatId: room });
    expect(await client.hears('error')).toEqual({
      message: 'No such room, or you are not a participant of it.',
    });
    client.socket.emit('dance', {});
    expect(await client.hears('error')).toEqual({ message: 'Unknown event: dance' });
    expect(await client.socket.emitWithAck('message:send', { chatId: room, content: '' })).toMatchObject({
      error: { code: 'invalid_field' },
    });
    expect(client.socket.connected).toBe(true);
  });

  test('what was said while a connection was lost is heard when it is back', async () => {
    const lost = await enter(anna, '/', { transports: ['websocket'] });
    await lost.hears('connected');
    const other = await enter(bob);
    await other.socket.emitWithAck('chat:join', { chatId: room });
    const { id } = lost.socket;
    lost.socket.io.reconnection(false);
    const gone = once(lost.socket as never, 'disconnect');
    lost.socket.io.engine.close();
    await gone;
    // Near the last event it is in doubt what a client has got (docs/decisions/0013).
    await causeway.advance(5_000);
    for (const content of ['one', 'two'])
      await other.socket.emitWithAck('message:send', { chatId: room, content });
    const back = once(lost.socket as never, 'connect');
    lost.socket.connect();
    await back;
    expect(lost.socket).toMatchObject({ id, recovered: true });
    expect(await lost.hears('message:new')).toMatchObject({ content: 'one' });
    expect(await lost.hears('message:new')).toMatchObject({ content: 'two' });
    expect(lost.heard.map(([event]) => event)).not.toContain('connected');
  });

  test("a notification that is nobody's can be read by nobody", async () => {
    const one = await enter(anna);
    expect(await one.socket.emitWithAck('notification.read', { id: '0'.repeat(26) })).toMatchObject({
      error: { code: 'not_found' },
    });
  });
});
