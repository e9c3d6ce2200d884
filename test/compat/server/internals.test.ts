/* oxlint-disable no-underscore-dangle -- socket.io marks its private members so */
import { EventEmitter } from 'node:events';

import { Server, type Namespace, type Socket } from 'socket.io';
import { describe, expect, it } from 'vitest';

import {
  forgetSocket,
  randomizeAckIds,
  setRecoveryOptions,
  wrapMiddlewares,
  type NamespaceMiddleware,
} from '../../../compat/server/internals.ts';

/** What socket.io needs of a connection, and what it wrote. */
function connectRaw(io: Server, written: string[] = []) {
  const engine = new EventEmitter();
  io.bind(engine);
  const conn = Object.assign(new EventEmitter(), {
    id: 'e',
    protocol: 4,
    readyState: 'open',
    transport: { name: 'websocket', writable: true },
    write: (text: string) => void written.push(text),
    close: () => {},
  });
  engine.emit('connection', conn);
  conn.emit('data', '0');
  return conn;
}

function connected(io: Server): Promise<Socket> {
  return new Promise((resolve) => {
    io.on('connection', resolve);
    connectRaw(io);
  });
}

/** Each of these fails when a new version of socket.io has another inside; see compat/server/internals.ts. */
describe('private members of socket.io', () => {
  it('`_ids` of a namespace gives the ids of acks', async () => {
    const io = new Server();
    randomizeAckIds(io.of('/'));
    const written: string[] = [];
    const socket = await new Promise<Socket>((resolve) => {
      io.on('connection', resolve);
      connectRaw(io, written);
    });

    socket.emit('a', () => {});
    socket.emit('a', () => {});
    socket.emit('a', () => {});

    const ids = written.slice(1).map((packet) => Number(/^2(\d+)\[/.exec(packet)?.[1]));
    expect(new Set(ids).size).toBe(3);
    expect(Math.max(...ids)).toBeGreaterThan(1_000);
    socket.conn.emit('close', 'transport close');
  });

  it('`_opts` decides whether a restored socket skips middlewares, each time anew', () => {
    const io = new Server({ connectionStateRecovery: { skipMiddlewares: false } });
    let replaying = false;
    setRecoveryOptions(io, () => replaying);

    const options = () =>
      (io as unknown as { opts: { connectionStateRecovery: object } }).opts.connectionStateRecovery;
    expect(options()).toEqual({ skipMiddlewares: false });
    replaying = true;
    expect(options()).toEqual({ skipMiddlewares: true });
  });

  it('`_remove` takes a connected socket out of its namespace', async () => {
    const io = new Server();
    const socket = await connected(io);
    expect(io.of('/').sockets.size).toBe(1);

    forgetSocket(io.of('/'), socket);

    expect(io.of('/').sockets.size).toBe(0);
    socket.conn.emit('close', 'transport close');
  });

  it('`_preConnectSockets` holds a socket until its middlewares are done', async () => {
    const io = new Server();
    const waiting = new Promise<Socket>((resolve) => {
      io.use((socket) => resolve(socket));
    });
    const conn = connectRaw(io);
    const socket = await waiting;
    const held = (nsp: Namespace) =>
      (nsp as unknown as { _preConnectSockets: Map<string, Socket> })._preConnectSockets;
    expect(held(io.of('/')).get(socket.id)).toBe(socket);

    forgetSocket(io.of('/'), socket);

    expect(held(io.of('/')).size).toBe(0);
    conn.emit('close', 'transport close');
  });

  it('`_fns` are the middlewares of a namespace, in order', async () => {
    const io = new Server();
    const order: string[] = [];
    const noting =
      (name: string): NamespaceMiddleware =>
      (_socket, next) => {
        order.push(name);
        next();
      };
    io.use(noting('own'));
    const wrap =
      (middleware: NamespaceMiddleware): NamespaceMiddleware =>
      (socket, next) => {
        order.push('wrapped');
        middleware(socket, next);
      };

    wrapMiddlewares(io.of('/'), wrap, [noting('first')]);
    const socket = await connected(io);

    expect(order).toEqual(['first', 'wrapped', 'own']);
    socket.conn.emit('close', 'transport close');
  });
});
