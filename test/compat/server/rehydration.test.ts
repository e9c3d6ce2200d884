import { setTimeout as sleep } from 'node:timers/promises';

import type { Namespace, Server, Socket } from 'socket.io';
import { describe, expect, it } from 'vitest';

import { createServer } from '../../../compat/app-door.ts';
import { createSocketIoWorld, socketIdOf } from '../../support/socketio-world.ts';

describe('bringing a socket back', () => {
  it('runs connection listeners again without any effect, also after they awaited', async () => {
    let runs = 0;
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', async (socket) => {
        runs += 1;
        socket.on('ping', (answer: () => void) => answer());
        effects(io, socket);
        await sleep(5);
        effects(io, socket);
      });
      io.on('connection', (socket) => {
        if (runs > 2) socket.disconnect(true);
      });
    });
    const other = await world.connect();
    const client = await world.connect();
    await client.send('2["settle"]');
    const stored = await client.session();
    client.take();
    other.take();

    await client.send('21["ping"]');

    expect(runs).toBe(4);
    expect(client.take()).toEqual(['431[]']);
    expect(other.take()).toEqual([]);
    expect((await client.session()).sockets).toEqual(stored.sockets);
    expect(client.closed).toBeUndefined();
  });

  function effects(io: Server, socket: Socket): void {
    socket.emit('own');
    socket.broadcast.emit('others');
    io.emit('everybody');
    io.to('lobby').emit('lobby');
    void socket.join(`room ${Math.random()}`);
    void socket.join('lobby');
    socket.data['writes'] = ((socket.data['writes'] as number | undefined) ?? 0) + 1;
    io.in('lobby').socketsJoin('hall');
    if (socket.recovered) {
      void socket.leave('lobby');
      io.in('lobby').socketsLeave('lobby');
      socket.disconnect();
      io.in(socket.id).disconnectSockets(true);
    }
  }

  it('attaches handlers that are registered after an await before the event comes', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', async (socket) => {
        await sleep(10);
        socket.on('ping', (answer: () => void) => answer());
      });
    });
    const client = await world.connect();

    await client.send('21["ping"]');

    expect(client.take()).toEqual(['431[]']);
  });

  it('does not wait for an answer the client gave long ago', async () => {
    const world = createSocketIoWorld(
      (io: Server) => {
        io.on('connection', async (socket) => {
          socket.on('ping', (answer: () => void) => answer());
          if (socket.recovered) await socket.timeout(60_000).emitWithAck('question');
        });
      },
      { limits: { replayMs: 60_000 } },
    );
    const client = await world.connect();

    await client.send('21["ping"]');

    expect(client.take()).toEqual(['431[]']);
  });

  it('answers a broadcast with acknowledgements of a replay at once with none', async () => {
    const answers: unknown[] = [];
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', async (socket) => {
        if (socket.recovered) answers.push(await io.timeout(60_000).emitWithAck('question'));
        socket.on('ping', (answer: () => void) => answer());
      });
    });
    const client = await world.connect();

    await client.send('21["ping"]');

    expect(client.take()).toEqual(['431[]']);
    expect(answers).toEqual([[]]);
  });

  it('lets connection listeners repeat neither what was undone since, nor what they undid', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        void socket.join(['joined', 'kept']);
        socket.on('undo', () => {
          void socket.leave('joined');
          void socket.join('left');
        });
        void socket.leave('left');
        socket.on('rooms', (answer: (rooms: string[]) => void) => answer([...socket.rooms].slice(1)));
      });
    });
    const client = await world.connect();
    await client.send('2["undo"]');

    await client.send('21["rooms"]');

    expect(client.take()).toEqual(['431[["kept","left"]]']);
    expect((await client.session()).sockets['/']!.rooms).toEqual(['kept', 'left']);
  });

  it('does not run middlewares again, whatever the application says of recovery', async () => {
    let runs = 0;
    const io = createServer({ connectionStateRecovery: { skipMiddlewares: false } });
    io.use((_socket, next) => {
      runs += 1;
      next();
    });
    const world = createSocketIoWorld({ default: io });
    const client = await world.connect();

    await client.send('2["a"]');

    expect(runs).toBe(1);
  });

  it('gives the socket what it had: id, rooms, data and handshake', async () => {
    const seen: unknown[] = [];
    const look = (socket: Socket) => ({
      id: socket.id,
      rooms: [...socket.rooms],
      data: { ...socket.data },
      handshake: socket.handshake,
      recovered: socket.recovered,
    });
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        if (!socket.recovered) {
          void socket.join(['a', 'b']);
          socket.data = { name: 'Ada' };
        }
        socket.on('look', () => void seen.push(look(socket)));
      });
    });
    const client = await world.open();
    await client.send('0{"token":"t"}', '2["look"]');
    world.clock.advance(60_000);

    await client.send('2["look"]');

    const [first, second] = seen;
    expect(first).toMatchObject({ recovered: false, data: { name: 'Ada' } });
    expect(second).toEqual(first);
    const id = await socketIdOf(client);
    expect(second).toMatchObject({
      id,
      rooms: expect.arrayContaining([id, 'a', 'b']) as unknown,
      handshake: {
        auth: { token: 't' },
        headers: { 'user-agent': 'fake' },
        query: { token: 'abc' },
        url: '/socket.io/?EIO=4&transport=websocket&token=abc',
        address: '192.0.2.1',
        secure: true,
        xdomain: true,
        issued: 1_700_000_000_000,
        time: String(new Date(1_700_000_000_000)),
      },
    });
    expect(Object.keys((second as { handshake: { auth: object } }).handshake.auth)).toEqual(['token']);
  });

  it('cannot be done by a client that makes up a recovery id', async () => {
    const world = createSocketIoWorld(undefined);
    const victim = await world.connect();
    const id = await socketIdOf(victim);
    const thief = await world.open();

    await thief.send(`0{"pid":"${victim.sid}","offset":"-"}`);

    expect(thief.take()).not.toEqual([`40{"sid":"${id}"}`]);
    expect(await socketIdOf(thief)).not.toBe(id);
  });

  it('keeps connection listeners away from data, but lets them rebuild what JSON cannot hold', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        Object.assign(socket.data, { count: 0, since: new Date(0), helper: () => 'helped' });
        socket.on('count', (answer: (...args: unknown[]) => void) => {
          const data = socket.data as { count: number; since: Date; helper: () => string };
          data.count += 1;
          answer(data.count, data.since instanceof Date, data.helper());
        });
      });
    });
    const client = await world.connect();

    await client.send('21["count"]');
    await client.send('22["count"]');

    expect(client.take()).toEqual(['431[1,true,"helped"]', '432[2,true,"helped"]']);
  });
});

describe('what is set on the socket itself', () => {
  it('is warned of where it will be lost: in middlewares and event handlers', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.use((socket, next) => {
        Object.assign(socket, { user: 'ada' });
        next();
      });
      io.on('connection', (socket) => {
        Object.assign(socket, { made: 'each time' });
        socket.onAny(() => {});
        socket.on('set', () => void Object.assign(socket, { nickname: 'a' }));
        socket.on('leave', () => void socket.disconnect());
      });
    });
    const client = await world.connect();

    await client.send('2["set"]');
    await client.send('2["set"]');
    await client.send('2["leave"]');

    expect(world.log.at('warn')).toEqual([
      'socket.user was set in a middleware and will be lost: keep it in socket.data',
      'socket.nickname was set in an event handler and will be lost: keep it in socket.data',
    ]);
  });
});

describe('after a run', () => {
  it('nothing is left of it, however often it is repeated', async () => {
    let server: Server | undefined;
    const world = createSocketIoWorld(
      (io: Server) => {
        server = io;
        io.of(/^\/dyn-\d$/).on('connection', () => {});
        io.on('connection', (socket) => {
          void socket.join('room');
          socket.on('leave', () => void socket.leave('room'));
          socket.on('ask', () => socket.timeout(60_000).emit('question', () => {}));
        });
      },
      { limits: { deadlineMs: 20, flushAfterMs: 60_000 } },
    );
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
    const before = timers();

    for (let run = 0; run < 20; run += 1) {
      const client = await world.open();
      await client.send('0', '0/dyn-1,', '0/none,');
      await client.send('2["leave"]', '2/dyn-1,["x"]');
      await client.send('2["ask"]');
      await client.send('1');
      await world.sessions.end(client.sid, 'transport close');
    }

    const io = server!;
    const namespaces = [io.of('/'), io.of('/dyn-1')] as Namespace[];
    for (const nsp of namespaces) {
      expect(nsp.sockets.size).toBe(0);
      expect(nsp.adapter.rooms.size).toBe(0);
      expect(nsp.adapter.sids.size).toBe(0);
    }
    expect(io.listenerCount('connection')).toBe(1);
    expect(
      (io.engine as unknown as { listenerCount(name: string): number }).listenerCount('connection'),
    ).toBe(1);
    expect(timers()).toBeLessThanOrEqual(before);
  });

  it('writes nothing: rooms are neither joined again when it comes nor left when it goes', async () => {
    const written: string[] = [];
    const world = createSocketIoWorld(
      (io: Server) => {
        io.on('connection', (socket) => {
          void socket.join(['a', 'b']);
          socket.on('ask', (answer: () => void) => answer());
        });
      },
      {
        stores: (stores) => ({
          ...stores,
          sockets: {
            ...stores.sockets,
            add: (...entry) => (written.push('add'), stores.sockets.add(...entry)),
            remove: (...entry) => (written.push('remove'), stores.sockets.remove(...entry)),
          },
        }),
      },
    );
    const client = await world.connect();
    expect(written.splice(0)).toEqual(['add', 'add', 'add']);
    const stored = await client.session();

    await client.send('21["ask"]');

    expect(client.take()).toEqual(['431[]']);
    expect(written).toEqual([]);
    expect(await client.session()).toEqual(stored);
  });

  it('no socket is left whose middleware never answered', async () => {
    let server: Server | undefined;
    const world = createSocketIoWorld(
      (io: Server) => {
        server = io;
        io.use(() => {});
      },
      { limits: { deadlineMs: 20 } },
    );
    const client = await world.open();

    await client.send('0');

    expect(client.take()).toEqual([]);
    expect((Reflect.get(server!.of('/'), '_preConnectSockets') as Map<string, Socket>).size).toBe(0);
  });

  it('no disconnect listener has run, and late calls of handlers do nothing', async () => {
    const heard: string[] = [];
    let late: (() => void) | undefined;
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        socket.on('disconnect', (reason) => void heard.push(reason));
        socket.on('go', (answer: () => void) => {
          answer();
          late = () => {
            socket.emit('late');
            void socket.join('late');
            answer();
            socket.disconnect(true);
          };
        });
      });
    });
    const client = await world.connect();
    await client.send('21["go"]');
    client.take();

    late!();
    await client.send('2["other"]');

    expect(heard).toEqual([]);
    expect(client.take()).toEqual([]);
    expect((await client.session()).sockets['/']!.rooms).toEqual([]);
    expect(await world.stores.sockets.list({ nsp: '/', room: 'late' }, world.clock.now())).toEqual([]);
  });
});
