import { setTimeout as sleep } from 'node:timers/promises';

import type { Server, Socket } from 'socket.io';
import { beforeEach, describe, expect, it } from 'vitest';

import { byText, createSocketIoWorld, type SocketIoWorld } from '../../support/socketio-world.ts';

const heard: unknown[] = [];
beforeEach(() => void heard.splice(0));

const app = (io: Server) => {
  const hear = (socket: Socket) => {
    void socket.join('room');
    socket.on(
      'disconnecting',
      (reason) => void heard.push(['disconnecting', socket.nsp.name, reason, socket.rooms.size]),
    );
    socket.on('disconnect', async (reason) => {
      await sleep(5);
      heard.push(['disconnect', socket.nsp.name, reason, socket.rooms.size]);
      socket.broadcast.emit('left', reason);
    });
    socket.on('leave', () => void socket.disconnect());
    socket.on('close', () => void socket.disconnect(true));
    socket.on('cut', () => socket.conn.close());
  };
  io.on('connection', hear);
  io.of('/b').on('connection', hear);
};

async function both(world: SocketIoWorld) {
  const client = await world.connect();
  await client.send('0/b,');
  client.take();
  return client;
}

const places = async (world: SocketIoWorld) => {
  const at = world.clock.now();
  const all = [{ nsp: '/' }, { nsp: '/b' }, { nsp: '/', room: 'room' }, { nsp: '/b', room: 'room' }];
  return (await Promise.all(all.map((place) => world.stores.sockets.list(place, at)))).map(
    ({ length }) => length,
  );
};

describe('disconnecting', () => {
  it('by the client leaves the namespace, and the others stay', async () => {
    const world = createSocketIoWorld(app);
    const client = await both(world);

    await client.send('1/b,');

    expect(heard).toEqual([
      ['disconnecting', '/b', 'client namespace disconnect', 2],
      ['disconnect', '/b', 'client namespace disconnect', 0],
    ]);
    expect(Object.keys((await client.session()).sockets)).toEqual(['/']);
    expect(await places(world)).toEqual([1, 0, 1, 0]);
    expect(client.closed).toBeUndefined();
    await client.send('0/b,');
    expect(client.take()).toEqual([expect.stringMatching(/^40\/b,\{"sid"/)]);
  });

  it('by the server writes the packet and leaves the namespace', async () => {
    const world = createSocketIoWorld(app);
    const client = await both(world);

    await client.send('2["leave"]');

    expect(client.take()).toEqual(['41']);
    expect(heard.at(-1)).toEqual(['disconnect', '/', 'server namespace disconnect', 0]);
    expect(Object.keys((await client.session()).sockets)).toEqual(['/b']);
    expect(client.closed).toBeUndefined();
  });

  it('with its connection writes one packet for each namespace before it closes', async () => {
    const world = createSocketIoWorld(app);
    const client = await both(world);

    await client.send('2["close"]');

    expect(client.take().toSorted(byText)).toEqual(['41', '41/b,']);
    expect(heard.filter((entry) => (entry as string[])[0] === 'disconnect')).toHaveLength(2);
    expect(client.closed).toBe('forced close');
    expect(await places(world)).toEqual([0, 0, 0, 0]);
  });

  it('by closing the connection runs the listeners of all namespaces once', async () => {
    const world = createSocketIoWorld(app);
    const client = await both(world);

    await client.send('2["cut"]');

    expect(client.take()).toEqual([]);
    expect(client.closed).toBe('forced close');
    expect(heard).toHaveLength(4);
    expect(heard).toContainEqual(['disconnect', '/b', 'forced close', 0]);
  });

  it('because the session ended runs the listeners, which are awaited and may reach others', async () => {
    const world = createSocketIoWorld(app);
    const [client, other] = [await both(world), await world.connect()];

    await world.sessions.end(client.sid, 'ping timeout');

    expect(heard).toContainEqual(['disconnecting', '/', 'ping timeout', 2]);
    expect(heard).toContainEqual(['disconnect', '/', 'ping timeout', 0]);
    expect(other.take()).toEqual(['42["left","ping timeout"]']);
    expect(await places(world)).toEqual([1, 0, 1, 0]);
  });

  it('leaves entries of the index to the engine, which removes those of every session it closes', async () => {
    let removals = 0;
    const world = createSocketIoWorld(app, {
      stores: (stores) => ({
        ...stores,
        sockets: {
          ...stores.sockets,
          remove: (...args) => {
            removals += 1;
            return stores.sockets.remove(...args);
          },
        },
      }),
    });
    const client = await world.connect();
    const session = await client.session();

    await world.runtime.end(session, 'transport close');

    expect(heard).toHaveLength(2);
    expect(removals).toBe(0);
  });

  it('drops what comes after it in the same payload', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();

    await client.send('1', '2["leave"]');

    expect(client.take()).toEqual([]);
    expect(client.closed).toBeUndefined();
  });
});

describe('what a client may not do', () => {
  it.each([
    ['an event before it is connected', '2/c,["x"]'],
    ['an ack before it is connected', '3/c,1[]'],
    ['a second CONNECT', '0'],
    ['CONNECT_ERROR', '4{}'],
    ['no packet', 'abc'],
    ['an unknown type', '9'],
    ['broken JSON', '2[oops'],
    ['a reserved event', '2["disconnect"]'],
    ['a payload that is no array', '2"x"'],
    ['CONNECT with a string', '0/c,"x"'],
    ['a lying number of attachments', '5abc'],
    ['an empty packet', ''],
  ])('%s closes the connection, and its sockets hear of it', async (_what, packet) => {
    const world = createSocketIoWorld(app);
    const [client, other] = [await world.connect(), await world.connect()];

    await client.send(packet, '2["leave"]');

    expect(client.take()).toEqual([]);
    expect(client.closed).toBe('forced close');
    expect(heard).toContainEqual(['disconnect', '/', 'forced close', 0]);
    await other.send('2["x"]');
    expect(other.closed).toBeUndefined();
  });
});

describe('a client that leaves and closes its connection at once', () => {
  it.each(['the packet', 'the close'])('is heard of once, when %s is first', async (first) => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();
    const closing = () => world.sessions.end(client.sid, 'transport close');
    const session = await client.session();
    const leaving = () =>
      world.runtime.run(session, [{ text: '1', attachments: [] }], { write() {}, async flush() {} });

    await Promise.all(first === 'the packet' ? [leaving(), closing()] : [closing(), leaving()]);

    expect(heard.filter((entry) => (entry as string[])[0] === 'disconnect')).toHaveLength(1);
    expect(await world.stores.sockets.list({ nsp: '/' }, world.clock.now())).toEqual([]);
  });

  it('is heard of once when another one makes it leave', async () => {
    const world = createSocketIoWorld((io: Server) => {
      app(io);
      io.on('connection', (socket) => {
        socket.on('kick', (id: string) => io.in(id).disconnectSockets());
      });
    });
    const [ada, ben] = [await world.connect(), await world.connect()];
    const id = (await ben.session()).sockets['/']!.id;
    const inbox = ben.inbox;
    const closeOnLeave = new Proxy(inbox, {
      get(target, name) {
        if (name !== 'push') return Reflect.get(target, name) as unknown;
        return (...packets: string[]) => {
          target.push(...packets);
          if (packets.includes('41')) void world.sessions.end(ben.sid, 'transport close');
        };
      },
    });
    Object.assign(ben, { inbox: closeOnLeave });

    await ada.send(`2["kick","${id}"]`);

    expect(heard.filter((entry) => (entry as string[])[0] === 'disconnect')).toEqual([
      ['disconnect', '/', 'server namespace disconnect', 0],
    ]);
  });
});

describe('a client that connects and is gone at once', () => {
  const connectAndGo = async (world: SocketIoWorld, packets: readonly string[]) => {
    const client = await world.open();
    await client.send('0/b,');
    const session = await client.session();
    const written: string[] = [];
    const outlet = { write: (packets: readonly string[]) => void written.push(...packets), async flush() {} };
    const messages = packets.map((text) => ({ text, attachments: [] }));
    const running = world.runtime.run(session, messages, outlet);
    await world.sessions.end(client.sid, 'transport close');
    const result = await running;
    return { result, written };
  };

  it('is heard of by the sockets it was about to get, and by its others once', async () => {
    let removals = 0;
    const world = createSocketIoWorld(app, {
      stores: (stores) => ({
        ...stores,
        sockets: {
          ...stores.sockets,
          remove: (...args) => {
            removals += 1;
            return stores.sockets.remove(...args);
          },
        },
      }),
    });

    const { result, written } = await connectAndGo(world, ['0']);

    // Two places of each socket; those of the stored one are removed by who closed its session.
    expect(removals).toBe(4);

    const gone = heard.filter((entry) => (entry as string[])[0] === 'disconnect');
    expect(gone.toSorted(byText)).toEqual([
      ['disconnect', '/', 'transport close', 0],
      ['disconnect', '/b', 'transport close', 0],
    ]);
    expect(result).toEqual({ changes: {}, close: { reason: 'transport close' } });
    expect(written).toEqual([]);
    expect(await places(world)).toEqual([0, 0, 0, 0]);
  });

  it('leaves no rooms behind that its other sockets joined meanwhile', async () => {
    const world = createSocketIoWorld((io: Server) => {
      app(io);
      io.of('/b').on(
        'connection',
        (socket) =>
          void socket.on('join', async () => {
            await sleep(5);
            await socket.join('late');
          }),
      );
    });

    await connectAndGo(world, ['0', '2/b,["join"]']);

    expect(await places(world)).toEqual([0, 0, 0, 0]);
    expect(await world.stores.sockets.list({ nsp: '/b', room: 'late' }, world.clock.now())).toEqual([]);
  });
});
