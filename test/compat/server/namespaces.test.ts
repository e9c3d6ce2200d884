/* oxlint-disable typescript/no-misused-promises, promise/no-callback-in-promise, no-underscore-dangle -- as applications are written; that it works is what is tested */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import { byText, createSocketIoWorld } from '../../support/socketio-world.ts';

describe('namespaces', () => {
  it('that do not exist refuse, others in the same payload do not', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.of('/slow').use((_socket, next) => void sleep(10).then(() => next()));
      io.of('/slow').on('connection', (socket) => {
        socket.on('hi', (answer: (nsp: string) => void) => answer(socket.nsp.name));
      });
    });
    const client = await world.open();

    await client.send('0/none,', '0/slow,{"a":1}', '2/slow,1["hi"]', '0');

    const packets = client.take();
    expect(packets).toHaveLength(4);
    expect(packets[0]).toBe('44/none,{"message":"Invalid namespace"}');
    expect(packets).toContainEqual(expect.stringMatching(/^40\/slow,\{"sid":/));
    expect(packets.at(-1)).toBe('43/slow,1["/slow"]');
    expect(Object.keys((await client.session()).sockets).toSorted(byText)).toEqual(['/', '/slow']);
  });

  it('may refuse with data', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.use((socket, next) => {
        next(
          Object.assign(
            new Error('nope'),
            socket.handshake.auth['why'] === 'data' ? { data: { code: 7 } } : {},
          ),
        );
      });
    });
    const client = await world.open();

    await client.send('0', '0{"why":"data"}');

    expect(client.take()).toEqual(['44{"message":"nope"}', '44{"message":"nope","data":{"code":7}}']);
    expect((await client.session()).sockets).toEqual({});
    expect(await world.stores.sockets.list({ nsp: '/' }, world.clock.now())).toEqual([]);
  });

  it('let middlewares see the handshake and put the socket into rooms', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.use(async (socket, next) => {
        await socket.join(`user ${String(socket.handshake.auth['user'])}`);
        socket.data['issued'] = socket.handshake.issued;
        next();
      });
      io.on('connection', () => {});
    });
    const client = await world.open();
    world.clock.advance(5_000);

    await client.send('0{"user":"ada"}');

    expect((await client.session()).sockets['/']).toMatchObject({
      rooms: ['user ada'],
      data: '{"issued":1700000000000}',
      auth: '{"user":"ada"}',
    });
    expect(await world.stores.sockets.list({ nsp: '/', room: 'user ada' }, world.clock.now())).toHaveLength(
      1,
    );
  });

  it('that are refused leave the rooms they had joined', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.use(async (socket, next) => {
        await socket.join('room');
        next(new Error('no'));
      });
    });
    const client = await world.open();

    await client.send('0');

    expect(await world.stores.sockets.list({ nsp: '/', room: 'room' }, world.clock.now())).toEqual([]);
  });
});

describe('dynamic namespaces', () => {
  const app = (io: Server) => {
    const serve = (parent: ReturnType<Server['of']>) => {
      parent.use((socket, next) => {
        socket.data['seen'] = true;
        next();
      });
      parent.on('connection', (socket) => {
        socket.on('hi', async (answer: (...args: unknown[]) => void) => {
          await sleep(2);
          answer(socket.nsp.name, socket.data);
        });
        socket.on('fail', () => {
          throw new Error('secret');
        });
        socket.on('all', () => void socket.nsp.emit('all'));
      });
    };
    serve(io.of(/^\/room-\d+$/));
    serve(
      io.of((name, auth, next) => {
        setTimeout(() => next(null, name.startsWith('/fn-') && auth['key'] === 'open'), 2);
      }),
    );
  };

  it.each(['/room-1', '/fn-1'])(
    'work like others, also in an instance that never saw them (%s)',
    async (nsp) => {
      const world = createSocketIoWorld(app);
      const [ada, ben] = [await world.open(), await world.open()];
      for (const client of [ada, ben]) await client.send(`0${nsp},{"key":"open"}`);
      for (const client of [ada, ben])
        expect(client.take()).toEqual([expect.stringContaining(`40${nsp},{"sid":`)]);

      await ada.through(world.instance(app)).send(`2${nsp},1["hi"]`, `2${nsp},["fail"]`, `2${nsp},["all"]`);

      expect(ada.take()).toEqual([
        `42${nsp},["error",{"message":"Internal error"}]`,
        `42${nsp},["all"]`,
        `43${nsp},1["${nsp}",{"seen":true}]`,
      ]);
      expect(ben.take()).toEqual([`42${nsp},["all"]`]);
    },
  );

  it('refuse what does not match', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.open();

    await client.send('0/fn-1,{"key":"shut"}', '0/room-x,');

    expect(client.take().toSorted(byText)).toEqual([
      '44/fn-1,{"message":"Invalid namespace"}',
      '44/room-x,{"message":"Invalid namespace"}',
    ]);
  });

  it('may be closed when they are empty, without being noticed', async () => {
    const { createServer } = await import('../../../compat/app-door.ts');
    const io = createServer({ cleanupEmptyChildNamespaces: true });
    app(io);
    const world = createSocketIoWorld({ default: io });
    const client = await world.open();
    await client.send('0/room-1,');
    client.take();

    await client.send('2/room-1,1["hi"]');

    expect(client.take()).toEqual(['43/room-1,1["/room-1",{"seen":true}]']);
    expect([...io._nsps.keys()]).toEqual(['/']);
  });
});
