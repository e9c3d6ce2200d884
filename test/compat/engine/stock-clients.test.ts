import type { Server } from 'socket.io';
import { io, type Socket } from 'socket.io-client';
import { io as io3 } from 'socket.io-client-3.1';
import { io as io4 } from 'socket.io-client-4.0';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { OPTIONS } from './harness.ts';
import { type Loopback, startLoopback } from './loopback.ts';

/** As an unmodified client sees the bridge with the real Server in it. */
function application(server: Server): void {
  for (const namespace of [server.of('/'), server.of('/custom')]) {
    namespace.on('connection', (socket) => {
      socket.emit('auth', socket.handshake.auth);
      socket.on('message', (...args: unknown[]) => void socket.emit('message-back', ...args));
      socket.on('message-with-ack', (...args: unknown[]) => {
        const ack = args.pop() as (...args: unknown[]) => void;
        ack(...args);
      });
      socket.on('ask', async (ack: (answer: unknown) => void) =>
        ack(await socket.timeout(3_000).emitWithAck('asked', 1)),
      );
    });
  }
}

let server: Loopback;
const clients: Socket[] = [];
beforeAll(async () => {
  server = await startLoopback(application, { ...OPTIONS, recovery: { windowMs: 120_000 } });
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await server.close();
});

type Options = Parameters<typeof io>[1];

async function connect(path = '/', options: Options = {}, client = io): Promise<Socket> {
  const socket = client(`${server.url}${path}`, { forceNew: true, ...options });
  clients.push(socket);
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
  return socket;
}

const upgraded = async (socket: Socket) => {
  if (socket.io.engine.transport.name !== 'websocket')
    await new Promise<void>((resolve) => socket.io.engine.once('upgrade', () => resolve()));
};
const received = (socket: Socket, event: string) =>
  new Promise<unknown[]>((resolve) => socket.once(event, (...args: unknown[]) => resolve(args)));

describe.each([
  ['4.8', io],
  ['4.0', io4],
  ['3.1', io3],
])('socket.io-client %s', (_version, client) => {
  test('connects by polling, upgrades, and gets an ack, by default', async () => {
    const socket = await connect('/', { auth: { token: 't' } }, client);
    await upgraded(socket);

    expect(
      await new Promise((resolve) =>
        socket.emit('message-with-ack', 1, { a: [null] }, (...args: unknown[]) => resolve(args)),
      ),
    ).toEqual([1, { a: [null] }]);
    const back = received(socket, 'message-back');
    socket.emit('message', 'x');
    expect((await back)[0]).toBe('x');
  });

  test.each([
    ['websocket only', { transports: ['websocket'] }],
    ['polling only', { transports: ['polling'] }],
  ])('works %s, binary included', async (_name, options) => {
    const socket = await connect('/custom', { ...options, forceBase64: true }, client);
    const back = received(socket, 'message-back');
    socket.emit('message', Buffer.from([1, 2, 3]), 'text', Buffer.from([4]));

    expect((await back).slice(0, 3)).toEqual([Buffer.from([1, 2, 3]), 'text', Buffer.from([4])]);
  });
});

test('the server asks a client, across invocations', async () => {
  const socket = await connect('/', { transports: ['websocket'] });
  socket.on('asked', (n: number, ack: (n: number) => void) => ack(n + 1));

  expect(await socket.timeout(5_000).emitWithAck('ask')).toBe(2);
});

test('a client that loses its connection recovers', async () => {
  const socket = await connect();
  await upgraded(socket);
  const { id } = socket;
  const back = received(socket, 'connect');
  for (const connection of server.sockets.values()) connection.terminate();
  await back;

  expect({ id: socket.id, recovered: socket.recovered }).toEqual({ id, recovered: true });
});

test('nothing went wrong on the way', () => {
  expect(server.problems).toEqual([]);
});
