import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';

import { LambdaClient } from '@aws-sdk/client-lambda';
import { EmitError, Emitter } from 'causeway/emitter';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import { ROOT, startCauseway, type Causeway } from '../support/causeway.ts';
import { builtInToken } from '../support/foreign-tokens.ts';
import { putEvents } from '../support/put-events.ts';
import { rest, type Person } from '../support/rest-client.ts';

interface Pushed {
  readonly id: string;
  readonly title?: string;
}
interface Listed {
  readonly notifications: readonly {
    readonly id: string;
    readonly payload: object;
    readonly readAt?: string;
  }[];
}

let causeway: Causeway;
let anna: Person;
let bob: Person;
let room: string;
let emitter: Emitter;
let client: LambdaClient;

beforeAll(async () => {
  causeway = await startCauseway();
  [anna, bob] = await Promise.all([causeway.register('anna'), causeway.register('bob')]);
  room = await causeway.createRoom(anna, [bob]);
  client = new LambdaClient({
    endpoint: causeway.awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
  });
  emitter = new Emitter({ functionName: causeway.outputs['NotifyFunction']!, client });
});
afterAll(async () => {
  client?.destroy();
  await causeway?.close();
});

async function connect(person: Person, nsp = '/'): Promise<Socket> {
  const socket = io(causeway.urls.origin + nsp, { auth: { token: person.token }, forceNew: true });
  onTestFinished(() => {
    socket.disconnect();
  });
  await once(socket as never, 'connect');
  return socket;
}

async function hears<T = Pushed>(socket: Socket, event = 'notification.new'): Promise<T> {
  return ((await once(socket as never, event)) as T[])[0]!;
}

const list = async (person: Person, query = '') =>
  (await rest<Listed>(causeway.urls.origin, { path: `/notifications${query}`, token: person.token })).body
    .notifications;

describe('a notification', () => {
  /** Every way in. */
  const WAYS: Readonly<Record<string, (title: string) => Promise<unknown>>> = {
    'by REST, with the role service': async (title) => {
      const token = await builtInToken(causeway, bob.id, { username: 'bob', role: 'service' });
      const body = { userId: anna.id, payload: { title } };
      return rest(causeway.urls.origin, { path: '/notifications', token, body });
    },
    'by an event of EventBridge': (title) =>
      putEvents(causeway, [
        {
          Source: 'causeway',
          DetailType: 'notification.new',
          Detail: JSON.stringify({ userId: anna.id, payload: { title } }),
        },
      ]),
    'by the Emitter': (title) => emitter.to(anna.id).emit('notification.new', { title }),
    'by the Emitter, to the other name of the room': (title) =>
      emitter.to(`user_${anna.id}`).emit('notification.new', { title }),
  };

  test.each(Object.entries(WAYS))('%s reaches its user alone, and stays', async (title, send) => {
    const [socket, device, other] = await Promise.all([connect(anna), connect(anna), connect(bob)]);
    const strays: unknown[] = [];
    other.on('notification.new', (payload) => strays.push(payload));
    const [[first, second]] = await Promise.all([Promise.all([hears(socket), hears(device)]), send(title)]);
    expect(first).toMatchObject({ title });
    expect(second).toEqual(first);
    const [newest] = await list(anna);
    expect(newest).toMatchObject({ payload: { title } });
    await causeway.quiet();
    expect(strays).toEqual([]);
  });

  test('for somebody who is offline is there when they look', async () => {
    const carol = await causeway.register('carol');
    const result = await emitter.to(carol.id).emit('notification.new', { title: 'while you were out' });
    const [found] = await list(carol, '?unread=true');
    expect(result).toEqual({ notifications: [found!.id] });
    expect(found!.payload).toEqual({ title: 'while you were out' });
  });

  test('that was read is read on every device, and unread no more', async () => {
    const [socket, device] = await Promise.all([connect(bob), connect(bob)]);
    const [pushed] = await Promise.all([
      hears(socket),
      emitter.to(bob.id).emit('notification.new', { title: 'read me' }),
    ]);
    const { id } = pushed;
    const [[first, second]] = await Promise.all([
      Promise.all([hears(socket, 'notification.read'), hears(device, 'notification.read')]),
      socket.emitWithAck('notification.read', { id }),
    ]);
    expect(first).toEqual({ id, readAt: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(second).toEqual(first);
    expect((await list(bob, '?unread=true')).map((each) => each.id)).not.toContain(id);
  });

  test('of EventBridge that nobody can use is dropped at once, and said', async () => {
    const attempts = () => causeway.meter().events[`${causeway.outputs['NotifyFunction']} event`]?.count ?? 0;
    const before = attempts();
    for (const detail of [{}, { userId: 'a b', payload: {} }, { userId: anna.id, payload: 'text' }])
      await putEvents(causeway, [
        { Source: 'causeway', DetailType: 'notification.new', Detail: JSON.stringify(detail) },
      ]);
    await causeway.quiet();
    await causeway.advance(10 * 60_000);
    await causeway.quiet();
    expect(attempts() - before).toBe(3);
    const dropped = causeway.logs.filter(
      ({ level, source }) => level === 'warn' && source.includes('notify'),
    );
    expect(dropped.length).toBeGreaterThanOrEqual(3);
  });
});

describe('any event', () => {
  test('goes to whoever is in a chat room, and is not stored', async () => {
    const [inside, outside] = await Promise.all([connect(anna), connect(bob)]);
    await inside.emitWithAck('chat:join', { chatId: room });
    const strays: unknown[] = [];
    outside.on('file_uploaded', () => strays.push(1));
    await outside.emitWithAck('chat:leave', { chatId: room });
    const [heard, result] = await Promise.all([
      hears<object>(inside, 'file_uploaded'),
      emitter.to(room).emit('file_uploaded', { name: 'plan.pdf' }),
    ]);
    expect(heard).toEqual({ name: 'plan.pdf' });
    expect(result).toEqual({ sockets: { sent: 1, gone: 0, failed: 0 } });
    await causeway.quiet();
    expect(strays).toEqual([]);
  });

  test('goes to a user, to several rooms once, and to a whole namespace', async () => {
    const socket = await connect(anna, '/chat');
    const chat = emitter.of('/chat');
    await socket.emitWithAck('join_room', { roomId: room });
    const heard: unknown[] = [];
    socket.on('ping me', (...args: unknown[]) => heard.push(args.slice(0, 2)));
    await chat
      .to(room)
      .to([anna.id, `user_${anna.id}`])
      .emit('ping me', 1, { two: 2 });
    expect(await chat.emit('ping me', 3, null)).toEqual({ sockets: { sent: 1, gone: 0, failed: 0 } });
    while (heard.length < 2) await once(socket as never, 'ping me');
    expect(heard).toEqual([
      [1, { two: 2 }],
      [3, null],
    ]);
  });

  test.each([
    [() => emitter.to('a b').emit('notification.new', {}), 'invalid_field', 'rooms.0'],
    [() => emitter.emit('notification.new', {}), 'invalid_field', 'rooms'],
    [() => emitter.to('x').emit('notification.new', [] as object), 'invalid_field', 'payload'],
    [() => emitter.to('x').emit('disconnect'), 'invalid_field', 'event'],
    [() => emitter.to('').emit('x'), 'invalid_field', 'rooms.0'],
  ])('that cannot be sent rejects and names the field: %s', async (emit, code, field) => {
    const error: unknown = await emit().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(EmitError);
    expect(error).toMatchObject({ code, field });
  });
});

test('the example sends one with nothing but the environment of the AWS SDK', async () => {
  const socket = await connect(anna);
  const heard = hears(socket);
  const env = {
    ...process.env,
    AWS_REGION: 'us-east-1',
    AWS_ENDPOINT_URL: causeway.awsEndpoint,
    AWS_ACCESS_KEY_ID: OPERATOR_CREDENTIALS.accessKeyId,
    AWS_SECRET_ACCESS_KEY: OPERATOR_CREDENTIALS.secretAccessKey,
  };
  const args = [
    'examples/emitter/send.mjs',
    causeway.outputs['NotifyFunction']!,
    anna.id,
    '{"title":"from an example"}',
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: ROOT, env });
  const { id } = await heard;
  expect(stdout).toBe(`stored as ${id}\n`);
});
