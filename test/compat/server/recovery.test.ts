import type { Server } from 'socket.io';
import { beforeEach, describe, expect, it } from 'vitest';

import { createServer } from '../../../compat/app-door.ts';
import { offsetAt } from '../../../lambdas/domain/offset.ts';
import type { EngineSession } from '../../../lambdas/ports/socketio.ts';
import {
  createSocketIoWorld,
  socketIdOf,
  type FakeClient,
  type SocketIoWorld,
} from '../../support/socketio-world.ts';

const heard: string[] = [];
beforeEach(() => void heard.splice(0));
const recovery = { windowMs: 120_000 };

const app = (io: Server) => {
  let middlewares = 0;
  io.use((_socket, next) => {
    middlewares += 1;
    next();
  });
  io.on('connection', (socket) => {
    socket.on('enter', async (room: string) => {
      await socket.join(room);
      socket.data['room'] = room;
    });
    socket.on('say', (room: string, ...args: unknown[]) => void io.to(room).emit('said', ...args));
    socket.on('shout', (text: string) => void socket.broadcast.emit('shouted', text));
    socket.on('shun', (room: string) => void io.except(room).emit('shunned'));
    socket.on('whisper', (text: string) => void io.volatile.emit('whispered', text));
    socket.on('echo', (text: string) => void socket.emit('echoed', text));
    socket.on('who', (answer: (...args: unknown[]) => void) =>
      answer(socket.recovered, [...socket.rooms], socket.data, middlewares),
    );
    socket.on('disconnect', (reason) => void heard.push(`${socket.id} ${reason}`));
    if (socket.recovered) heard.push('recovered');
  });
};

interface Known {
  readonly id: string;
  readonly pid: string;
}

/** Connects, and joins the room; what the client knows of itself. */
async function member(
  world: SocketIoWorld,
  how: Partial<EngineSession> = {},
): Promise<FakeClient & { known: Known }> {
  const client = await world.open(how);
  await client.send('0');
  const { sid: id, pid } = JSON.parse(client.take()[0]!.slice(2)) as { sid: string; pid: string };
  await client.send('2["enter","room"]');
  return Object.assign(client, { known: { id, pid } });
}

const offsetOf = (packet: string) =>
  (JSON.parse(packet.slice(packet.indexOf('['))) as unknown[]).at(-1) as string;

const saidIn = (packets: readonly string[]) => packets.filter((packet) => packet.startsWith('42["said"'));

async function comeBack(world: SocketIoWorld, pid: string, offset: string): Promise<FakeClient> {
  const client = await world.open();
  await client.send(`0${JSON.stringify({ pid, offset })}`);
  return client;
}

describe('connection state recovery', () => {
  it('gives every client a secret that names its session, and every durable event an offset', async () => {
    const world = createSocketIoWorld(app, { recovery });
    const client = await member(world);

    await client.send('2["say","room","one"]', '2["echo","two"]', '2["whisper","three"]');

    const [said, echoed, whispered] = client.take();
    expect(client.known.pid.startsWith(`${client.sid}~`)).toBe(true);
    expect((await client.session()).sockets['/']!.pid).toBe(client.known.pid);
    expect(said).toMatch(/^42\["said","one","[^"]+"\]$/);
    expect(echoed).toMatch(/^42\["echoed","two","[^"]+"\]$/);
    expect(offsetOf(said!) < offsetOf(echoed!)).toBe(true);
    expect(whispered).toBe('42["whispered","three"]');
  });

  it('brings back id, rooms, data and what was missed, in order, behind the reply', async () => {
    const world = createSocketIoWorld(app, { recovery });
    const [ada, ben] = [await member(world), await member(world)];
    await ben.send('2["say","room","seen"]');
    const offset = offsetOf(ada.take().at(-1)!);
    world.clock.advance(1_000);
    await world.sessions.end(ada.sid, 'transport close');
    world.clock.advance(1_000);
    await ben.send('2["say","room","missed"]', '2["shout","missed too"]', '2["whisper","lost"]');
    await ben.send('2["shun","room"]', `2["shun","${ada.known.id}"]`);
    await ben.send('2["say","elsewhere","not mine"]', `2["say","${ada.known.id}","for ada"]`);
    world.clock.advance(60_000);

    const back = await comeBack(world, ada.known.pid, offset);

    const packets = back.take();
    expect(packets.map((packet) => packet.replace(/,"[^"]*"\]$/, ']'))).toEqual([
      `40${JSON.stringify({ sid: ada.known.id, pid: ada.known.pid })}`,
      '42["said","missed"]',
      '42["shouted","missed too"]',
      '42["said","for ada"]',
    ]);
    await back.send('21["who"]');
    expect(back.take()).toEqual([`431[true,["${ada.known.id}","room"],{"room":"room"},2]`]);
    await ben.send('2["say","room","live"]');
    expect(back.take()).toEqual([expect.stringMatching(/^42\["said","live"/)]);
  });

  it('can be done again and again with the same secret', async () => {
    const world = createSocketIoWorld(app, { recovery });
    const ada = await member(world);
    await ada.send('2["echo","x"]');
    let offset = offsetOf(ada.take().at(-1)!);
    let client: FakeClient = ada;
    for (let round = 0; round < 3; round += 1) {
      world.clock.advance(1_000);
      await world.sessions.end(client.sid, 'transport close');
      world.clock.advance(1_000);
      client = await comeBack(world, ada.known.pid, offset);
      expect(client.take().at(-1)).toBe(`40${JSON.stringify({ sid: ada.known.id, pid: ada.known.pid })}`);
      await client.send('2["echo","y"]');
      offset = offsetOf(client.take().at(-1)!);
    }
    expect(await world.stores.sockets.list({ nsp: '/', room: 'room' }, world.clock.now())).toHaveLength(1);
  });

  it('of a session that nobody noticed was lost ends that one first', async () => {
    const world = createSocketIoWorld(app, { recovery });
    const ada = await member(world);
    await ada.send('0/b,');
    await ada.send('2["echo","x"]');
    const offset = offsetOf(ada.take().at(-1)!);

    const back = await comeBack(world, ada.known.pid, offset);

    expect(back.take()).toEqual([`40${JSON.stringify({ sid: ada.known.id, pid: ada.known.pid })}`]);
    expect(heard.filter((line) => line !== 'recovered')).toEqual([`${ada.known.id} transport close`]);
    expect(ada.closed).toBe('transport close');
    expect(await world.stores.sockets.list({ nsp: '/' }, world.clock.now())).toEqual([
      expect.objectContaining({ sid: back.sid, socketId: ada.known.id }),
    ]);
  });

  it('keeps packets with binary', async () => {
    const world = createSocketIoWorld(
      (io: Server) => {
        app(io);
        io.on(
          'connection',
          (socket) => void socket.on('bytes', () => socket.broadcast.emit('bytes', Buffer.from('hi'))),
        );
      },
      { recovery },
    );
    const [ada, ben] = [await member(world), await member(world)];
    await ada.send('2["echo","x"]');
    const offset = offsetOf(ada.take().at(-1)!);
    world.clock.advance(1_000);
    await world.sessions.end(ada.sid, 'transport close');
    world.clock.advance(1_000);
    await ben.send('2["bytes"]');

    const back = await comeBack(world, ada.known.pid, offset);

    expect(back.take().slice(1)).toEqual([
      expect.stringMatching(/^451-\["bytes",\{"_placeholder":true,"num":0\},"/),
      'baGk=',
    ]);
  });

  it.each([
    [
      'a secret nobody has',
      async (world: SocketIoWorld) => ({ pid: `${(await world.open()).sid}~${'a'.repeat(20)}` }),
    ],
    ['no secret at all', async () => ({ pid: 'x' })],
    ['the id of a session', async (world: SocketIoWorld) => ({ pid: (await world.open()).sid })],
    ['a string that is no offset', async () => ({ offset: 'said' })],
    ['a window that is over', async (world: SocketIoWorld) => (world.clock.advance(121_000), {})],
  ])('with %s gives a new socket', async (_what, change) => {
    const world = createSocketIoWorld(app, { recovery });
    const ada = await member(world);
    await ada.send('2["echo","x"]');
    const offset = offsetOf(ada.take().at(-1)!);
    world.clock.advance(1_000);
    await world.sessions.end(ada.sid, 'transport close');
    world.clock.advance(1_000);
    const given = { pid: ada.known.pid, offset, ...(await change(world)) };

    const back = await comeBack(world, given.pid, given.offset);

    const reply = JSON.parse(back.take()[0]!.slice(2)) as Known & { sid: string };
    expect(reply.sid).not.toBe(ada.known.id);
    expect(reply.pid.startsWith(`${back.sid}~`)).toBe(true);
    expect(await socketIdOf(back)).toBe(reply.sid);
  });

  it('is given to one of two that ask at once', async () => {
    const world = createSocketIoWorld(app, { recovery });
    const ada = await member(world);
    await ada.send('2["echo","x"]');
    const offset = offsetOf(ada.take().at(-1)!);
    world.clock.advance(1_000);
    await world.sessions.end(ada.sid, 'transport close');
    world.clock.advance(1_000);

    const backs = await Promise.all([
      comeBack(world, ada.known.pid, offset),
      comeBack(world, ada.known.pid, offset),
    ]);

    const ids = await Promise.all(backs.map((back) => socketIdOf(back)));
    expect(ids.filter((id) => id === ada.known.id)).toHaveLength(1);
  });

  it('is not possible after the server or the client has disconnected', async () => {
    const world = createSocketIoWorld(app, { recovery });
    const ada = await member(world);
    await ada.send('2["echo","x"]');
    const offset = offsetOf(ada.take().at(-1)!);
    await ada.send('1');

    await ada.send(`0${JSON.stringify({ pid: ada.known.pid, offset })}`);

    expect(await socketIdOf(ada)).not.toBe(ada.known.id);
  });

  it('is possible after the connection was closed from here, with what the socket had then', async () => {
    const world = createSocketIoWorld(
      (io: Server) => {
        app(io);
        io.on('connection', (socket) => {
          socket.on('enter and cut', async () => {
            await socket.join('late room');
            socket.conn.close();
          });
        });
      },
      { recovery },
    );
    const ada = await member(world);
    await ada.send('2["echo","x"]');
    const offset = offsetOf(ada.take().at(-1)!);
    await ada.send('2["enter and cut"]');
    expect(ada.closed).toBe('forced close');

    const back = await comeBack(world, ada.known.pid, offset);

    expect(await socketIdOf(back)).toBe(ada.known.id);
    expect((await back.session()).sockets['/']).toMatchObject({ rooms: ['room', 'late room'] });
    expect(await world.stores.sockets.list({ nsp: '/', room: 'late room' }, world.clock.now())).toHaveLength(
      1,
    );
  });

  it('is not possible after the server disconnected the socket together with its connection', async () => {
    const world = createSocketIoWorld(
      (io: Server) => {
        app(io);
        io.on('connection', (socket) => {
          socket.on('kick', (id: string) => io.in(id).disconnectSockets(true));
        });
      },
      { recovery },
    );
    const [ada, ben] = [await member(world), await member(world)];
    await ada.send('2["echo","x"]');
    const offset = offsetOf(ada.take().at(-1)!);
    await ben.send(`2["kick","${ada.known.id}"]`);

    const back = await comeBack(world, ada.known.pid, offset);

    expect(await socketIdOf(back)).not.toBe(ada.known.id);
  });

  it('skips middlewares, unless the application wants them', async () => {
    const skip = async (io: Server) => {
      let runs = 0;
      io.use((_socket, next) => {
        runs += 1;
        next();
      });
      const world = createSocketIoWorld({ default: io }, { recovery });
      const client = await world.open();
      await client.send('0');
      const { pid } = JSON.parse(client.take()[0]!.slice(2)) as Known;
      world.clock.advance(1_000);
      const heard = `${world.clock.now().toString(36).padStart(9, '0')}-0000aaaaaa`;
      await world.sessions.end(client.sid, 'transport close');
      world.clock.advance(1_000);
      await comeBack(world, pid, heard);
      return runs;
    };

    expect(await skip(createServer())).toBe(1);
    expect(await skip(createServer({ connectionStateRecovery: { skipMiddlewares: false } }))).toBe(2);
  });

  it('a question to a client carries no offset: its listener gets what was asked, and the ack', async () => {
    const world = createSocketIoWorld(
      (io: Server) => {
        io.on('connection', (socket) => {
          socket.on('ask me', () => void socket.emit('question', 1, () => {}));
          socket.on('ask all', () => void io.timeout(20).emit('question', 2, () => {}));
        });
      },
      { recovery, limits: { deadlineMs: 50 } },
    );
    const client = await world.connect();

    await client.send('2["ask me"]', '2["ask all"]');

    expect(client.take()).toEqual([
      expect.stringMatching(/^42\d+\["question",1\]$/),
      expect.stringMatching(/^42\d+\["question",2\]$/),
    ]);
  });

  it('notes of an event that was told late how late, for whoever was lost meanwhile', async () => {
    let slow = false;
    const world: SocketIoWorld = createSocketIoWorld(app, {
      recovery,
      stores: (stores) => ({
        ...stores,
        sockets: {
          ...stores.sockets,
          list: async (...asked) => {
            if (slow) world.clock.advance(900);
            return stores.sockets.list(...asked);
          },
        },
      }),
    });
    const [ada, ben] = [await member(world), await member(world)];
    const logged = () => world.stores.packets.since({ nsp: '/', room: 'room' }, '0', world.clock.now());
    await ben.send('2["say","room","soon"]');
    expect((await logged()).map(({ until }) => until)).toEqual([undefined]);
    slow = true;
    world.clock.advance(1_000);
    await ben.send('2["say","room","late"]');
    expect((await logged()).map(({ until }) => until)).toEqual([undefined, world.clock.now()]);

    // Told late, and at the same time as the next: which of them came last to somebody who vanished, nobody knows.
    slow = false;
    await ben.send('2["say","room","next"]');
    const offset = offsetOf(ada.take().at(-1)!);
    world.clock.advance(60_000);
    await world.sessions.end(ada.sid, 'ping timeout');
    const back = await comeBack(world, ada.known.pid, offset);
    expect(await socketIdOf(back)).not.toBe(ada.known.id);
    expect(saidIn(back.take())).toEqual([]);
  });

  it.each(['websocket', 'polling'] as const)(
    'believes a %s client that was heard later to have got what was told at the same time as the last, unless it polls',
    async (transport) => {
      const world = createSocketIoWorld(app, { recovery });
      const { sid, known } = await member(world, { transport });
      const [last, other] = [world.clock.now() + 1_000, world.clock.now() + 1_100].map(offsetAt) as [
        string,
        string,
      ];
      for (const offset of [last, other])
        await world.stores.packets.append(
          { nsp: '/', room: 'room' },
          { offset, data: JSON.stringify(['said', offset]), except: [] },
          Infinity,
        );
      world.clock.advance(60_000);
      // Over polling a POST counts as one, while the answer to a poll may be lost with what it took.
      await world.stores.sessions.pong(sid, world.clock.now());
      world.clock.advance(1_000);
      await world.sessions.end(sid, 'transport close');

      const [reply, ...missed] = (await comeBack(world, known.pid, last)).take();

      expect(reply?.includes(known.pid)).toBe(transport === 'websocket');
      expect(missed).toEqual([]);
    },
  );

  it('off leaves no offset, no secret and no log', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();

    await client.send('2["echo","x"]');

    expect(client.take()).toEqual(['42["echoed","x"]']);
    expect(await world.stores.packets.since({ nsp: '/', room: await socketIdOf(client) }, '', 0)).toEqual([]);
    expect((await client.session()).sockets['/']).not.toHaveProperty('pid');
  });
});
