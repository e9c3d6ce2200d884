/* oxlint-disable typescript/no-misused-promises -- as applications are written; that it works is what is tested */
import { createServer as createHttpServer } from 'node:http';

import { Server as StockServer } from 'socket.io';
import { afterEach, describe, expect, it } from 'vitest';

import { createServer, Server } from '../../../compat/app-door.ts';
import { application as none } from '../../../compat/application.ts';
import { takeRegistered } from '../../../compat/server/registration.ts';
import { byText, createSocketIoWorld } from '../../support/socketio-world.ts';

afterEach(() => void takeRegistered());

const greet = (io: StockServer) => {
  io.on('connection', (socket) => void socket.on('hi', (answer: (text: string) => void) => answer('hello')));
  io.use(async (socket, next) => {
    if (socket.handshake.auth['bad'] === true) throw new Error('secret');
    next();
  });
};

const FORMS: readonly (readonly [string, () => unknown])[] = [
  ['a function as default export', () => ({ default: greet })],
  ['an async function', () => ({ default: async (io: StockServer) => (await Promise.resolve(), greet(io)) })],
  ['a CommonJS module', () => ({ default: { default: greet } })],
  ['a bare function', () => greet],
  ['a Server of ours', () => ({ default: made(createServer()) })],
  ['a Server of the stock package', () => ({ default: made(new StockServer()) })],
  ['createServer() while it is loaded', () => (made(createServer()), { other: 1 })],
  ['new Server() while it is loaded', () => (made(new Server()), {})],
  ['new Server(options)', () => (made(new Server({ cors: { origin: '*' } })), {})],
  ['new Server(port)', () => (made(new Server(3000)), {})],
  ['new Server(httpServer, options)', () => (made(new Server(createHttpServer(), { path: '/x' })), {})],
  ['new Server().listen(port)', () => (made(new Server()).listen(3000), {})],
  ['new Server().attach(httpServer)', () => (made(new Server()).attach(createHttpServer()), {})],
];

function made(io: StockServer): StockServer {
  greet(io);
  return io;
}

describe('an application', () => {
  it.each(FORMS)('may be %s', async (_form, load) => {
    const world = createSocketIoWorld(load());
    const [client, refused] = [await world.connect(), await world.open()];

    await client.send('21["hi"]');
    await refused.send('0{"bad":true}');

    expect(client.take()).toEqual(['431["hello"]']);
    expect(refused.take()).toEqual(['44{"message":"Internal error"}']);
  });

  it('may be absent: the Server has no handlers', async () => {
    const world = createSocketIoWorld(none);
    const client = await world.connect();

    await client.send('21["hi"]');

    expect(client.take()).toEqual([]);
    expect(client.closed).toBeUndefined();
  });

  it('that cannot be loaded sends its clients away, with a log', async () => {
    const world = createSocketIoWorld({
      default: () => {
        throw new Error('no configuration');
      },
    });
    const client = await world.open();

    await client.send('0');

    expect(client.closed).toBe('forced close');
    expect(world.log.at('error')).toEqual(['The application could not be loaded; its clients are sent away']);
  });

  it('that exports something else is told what to export', async () => {
    const world = createSocketIoWorld({ default: 42 });
    const client = await world.open();

    await client.send('0');

    expect(world.log.lines.map(({ fields }) => String(fields['error']))).toEqual([
      expect.stringContaining('must export a function'),
    ]);
  });

  it('is told which options have no effect', async () => {
    createServer({
      pingInterval: 5_000,
      cors: { origin: '*' },
      connectionStateRecovery: { maxDisconnectionDuration: 5 },
    });
    const world = createSocketIoWorld({});

    await world.connect();

    expect(world.log.at('warn').toSorted(byText)).toEqual([
      'The Socket.IO option connectionStateRecovery.maxDisconnectionDuration has no effect: set recovery.windowMs in the configuration',
      'The Socket.IO option cors has no effect: set cors in the configuration',
      'The Socket.IO option pingInterval has no effect: set heartbeat.pingIntervalMs in the configuration',
    ]);
  });

  it('passes socket.io no option that makes it prepare to listen', () => {
    const io = createServer({ cors: { origin: '*' }, path: '/chat', cleanupEmptyChildNamespaces: true });

    const { cors, cleanupEmptyChildNamespaces, connectionStateRecovery } = Reflect.get(io, '_opts') as Record<
      string,
      unknown
    >;
    expect({ cors, cleanupEmptyChildNamespaces, connectionStateRecovery, path: io.path() }).toMatchObject({
      cors: undefined,
      cleanupEmptyChildNamespaces: true,
      connectionStateRecovery: { skipMiddlewares: true },
      path: '/chat',
    });
  });

  it('cannot bring a parser of its own, or a second Server', () => {
    expect(() => createServer({ parser: {} })).toThrow('`parser`');
    createServer();
    expect(() => createServer()).toThrow('A second Socket.IO Server');
  });

  it('cannot close the server that others are served by', async () => {
    const io = createServer();
    greet(io);
    const world = createSocketIoWorld({});
    const client = await world.connect();

    await io.close();
    await client.send('21["hi"]');

    expect(client.take()).toEqual(['431["hello"]']);
  });

  it('finds an engine it may look at', async () => {
    let seen: unknown;
    const world = createSocketIoWorld((io: StockServer) => {
      const engine = io.engine as unknown as { opts: { pingInterval: number }; clientsCount: number };
      io.engine.use(() => {});
      seen = [engine.opts.pingInterval, engine.clientsCount];
      io.on('connection', ({ conn, request }) => {
        seen = [
          seen,
          conn.transport.name,
          conn.protocol,
          conn.readyState,
          request.url?.split('?')[0],
          request.headers.host,
        ];
      });
    });

    await world.connect();

    expect(seen).toEqual([[25_000, 0], 'websocket', 4, 'open', '/socket.io/', 'localhost']);
    expect(world.log.at('warn')).toEqual([expect.stringContaining('io.engine.use() has no effect')]);
  });
});
