import { describe, expect, test } from 'vitest';
import type { Socket } from 'socket.io-client';
import { within } from '../support/patience.ts';
import type { Target } from '../target.ts';
import { MODES, open, VERSIONS, type Client, type Mode } from './versions.ts';

const VARIANTS: readonly Client[] = Object.keys(VERSIONS).flatMap((version) =>
  Object.keys(MODES).map((mode) => ({ version, mode: mode as Mode })),
);

/** Unmodified clients of several releases in every mode they have. */
export function clients(target: Target): void {
  describe.each(VARIANTS)('socket.io-client $version, $mode', (client) => {
    connecting(target, client);
    talking(target, client);
    attachments(target, client);
    ending(target, client);
  });
}

function connecting({ url }: Target, client: Client): void {
  test('connects, sends auth, and has the transport it asked for', async () => {
    const socket = open(client, url(), { auth: { token: 'abc' } });
    expect(await event(socket, 'auth')).toEqual([{ token: 'abc' }]);
    expect(socket.connected).toBe(true);
    expect(socket.id).toMatch(/^[\w-]{20}$/);
    const transport = () => socket.io.engine.transport.name;
    if (client.mode !== 'default') {
      expect(transport()).toBe(client.mode === 'polling only' ? 'polling' : 'websocket');
      return;
    }
    if (transport() === 'polling') await event(engineOf(socket), 'upgrade');
    expect(transport()).toBe('websocket');
  });

  test('auth from a function is asked for at every connection', async () => {
    let asked = 0;
    const socket = open(client, url(), { auth: (give) => give({ times: ++asked }) });
    expect(await event(socket, 'auth')).toEqual([{ times: 1 }]);
    socket.disconnect();
    socket.connect();
    expect(await event(socket, 'auth')).toEqual([{ times: 2 }]);
  });

  test('two namespaces share the connection', async () => {
    const main = open(client, url(), { auth: { in: 'main' } });
    const custom = main.io.socket('/custom', { auth: { in: 'custom' } });
    if (!custom.active) custom.connect(); // 3.1 connects sockets of a manager at once, later ones when told
    const seen = await Promise.all([event(main, 'auth'), event(custom, 'auth')]);
    expect(seen[0]).toEqual([{ in: 'main' }]);
    expect(seen[1]).toEqual([{ in: 'custom' }]);
    expect(main.id).not.toBe(custom.id);
    custom.disconnect();
    expect(await ack(main, 'still here')).toEqual(['still here']);
  });

  test('an unknown namespace is a connect_error and no retry', async () => {
    const socket = open(client, `${url()}/random`);
    const [error] = (await event(socket, 'connect_error')) as [Error];
    expect(error.message).toBe('Invalid namespace');
    expect(socket.connected).toBe(false);
  });
}

function talking({ url }: Target, client: Client): void {
  test('events come back with their arguments, in order', async () => {
    const socket = open(client, url());
    await event(socket, 'connect');
    const seen: unknown[][] = [];
    socket.on('message-back', (...args: unknown[]) => seen.push(args));
    // One after the other: the order of frames in flight together is not promised.
    for (const args of [[1, 'two', { three: [4, null, 'ż'] }], [], ['last']]) {
      const back = event(socket, 'message-back');
      socket.emit('message', ...args);
      expect(await back).toEqual(args);
    }
    await ack(socket, 'nothing comes twice');
    expect(seen.length).toBe(3);
  });

  test('what is emitted before the connection is there arrives once it is', async () => {
    const socket = open(client, url());
    const back = event(socket, 'message-back');
    socket.emit('message', 'early');
    expect(await back).toEqual(['early']);
  });

  test('acks are answered, each with its own', async () => {
    const socket = open(client, url());
    const answers = await Promise.all([1, 2, 3, 4, 5].map((n) => ack(socket, n)));
    expect(answers).toEqual([[1], [2], [3], [4], [5]]);
  });

  test('it stays connected over several heartbeats', async () => {
    const socket = open(client, url());
    await event(socket, 'connect');
    const reasons: unknown[] = [];
    socket.on('disconnect', (reason) => reasons.push(reason));
    for (let pings = 0; pings < 4;) {
      const [packet] = (await event(engineOf(socket), 'packet')) as [{ type: string }];
      if (packet.type === 'ping') pings++;
    }
    expect(await ack(socket, 'alive')).toEqual(['alive']);
    expect(reasons).toEqual([]);
  });
}

function attachments({ url, deviates }: Target, client: Client): void {
  const bytes = Buffer.from([1, 2, 3, 250]);

  test('binary with forceBase64', async () => {
    const socket = open(client, url(), { forceBase64: true });
    if (client.mode === 'default') await upgraded(socket);
    const back = event(socket, 'message-back');
    socket.emit('message', bytes, { nested: bytes });
    expect(await back).toEqual([bytes, { nested: bytes }]);
    expect(await ack(socket, bytes)).toEqual([bytes]);
  });

  test('binary as it comes', async () => {
    const socket = open(client, url());
    if (client.mode === 'default') await upgraded(socket);
    else await event(socket, 'connect');
    if (client.mode !== 'polling only' && deviates('binary-frames')) {
      const gone = event(socket, 'disconnect');
      socket.emit('message', bytes);
      expect((await gone)[0]).toBe('transport close');
      return;
    }
    const back = event(socket, 'message-back');
    socket.emit('message', bytes);
    expect(await back).toEqual([bytes]);
  });
}

function ending({ url }: Target, client: Client): void {
  test('disconnect() is its own, and final', async () => {
    const socket = open(client, url());
    await event(socket, 'connect');
    const gone = event(socket, 'disconnect');
    socket.disconnect();
    expect((await gone)[0]).toBe('io client disconnect');
    expect(socket.connected).toBe(false);
  });

  test('it comes back by itself, with a new id, when the transport was closed', async () => {
    const socket = open(client, url(), { auth: { token: 'again' } });
    await event(socket, 'auth');
    const { id } = socket;
    const gone = event(socket, 'disconnect');
    const back = event(socket, 'auth');
    socket.io.engine.close();
    expect((await gone)[0]).toMatch(/^(forced close|transport close)$/);
    socket.emit('message', 'while away');
    const delivered = event(socket, 'message-back');
    expect(await back).toEqual([{ token: 'again' }]);
    expect(await delivered).toEqual(['while away']);
    expect(socket.id).not.toBe(id);
  });

  test('it comes back by itself when the server closed the connection', async () => {
    const socket = open(client, url());
    await event(socket, 'auth');
    if (client.mode === 'default') await upgraded(socket);
    const gone = event(socket, 'disconnect');
    const back = event(socket, 'auth');
    write(socket, 'abc'); // no packet a server knows
    expect((await gone)[0]).toBe('transport close');
    await back;
    expect(await ack(socket, 'back')).toEqual(['back']);
  });
}

interface Emitter {
  once(name: string, listener: (...args: unknown[]) => void): unknown;
}

/** The arguments of the next event of that name. */
function event(emitter: unknown, name: string): Promise<unknown[]> {
  const seen: string[] = [];
  const next = new Promise<unknown[]>((resolve) => {
    (emitter as Emitter).once(name, (...args) => resolve(args));
    // What would keep it from coming; of an engine, which has no sockets' events, its close.
    for (const loss of ['connect_error', 'disconnect', 'close']) {
      if (name !== loss)
        (emitter as Emitter).once(loss, (...why) => seen.push(`${loss} ${why.map(String).join(' ')}`));
    }
  });
  return within(next, `event "${name}"`, () => seen);
}

function ack(socket: Socket, ...args: unknown[]): Promise<unknown[]> {
  const losses: unknown[] = [];
  socket.once('disconnect', (...why: unknown[]) => losses.push(why));
  const answer = new Promise<unknown[]>((resolve) => {
    socket.emit('message-with-ack', ...args, (...answered: unknown[]) => resolve(answered));
  });
  return within(answer, 'an ack', () => ({ connected: socket.connected, losses }));
}

async function upgraded(socket: Socket): Promise<void> {
  if (!socket.connected) await event(socket, 'connect');
  if (socket.io.engine.transport.name === 'polling') await event(engineOf(socket), 'upgrade');
}

function engineOf(socket: Socket): unknown {
  return socket.io.engine;
}

/** Sends a message of the engine's, below Socket.IO. */
function write(socket: Socket, packet: string): void {
  (socket.io.engine as unknown as { write(data: string): void }).write(packet);
}
