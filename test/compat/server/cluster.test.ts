import type { RemoteSocket, Server } from 'socket.io';
import { beforeEach, describe, expect, it } from 'vitest';

import { byText, createSocketIoWorld, socketIdOf } from '../../support/socketio-world.ts';

const heard: string[] = [];
beforeEach(() => void heard.splice(0));

const app = (io: Server) => {
  const serve = (nsp: ReturnType<Server['of']>) =>
    nsp.on('connection', (socket) => {
      socket.on('disconnect', (reason) => void heard.push(`${socket.nsp.name} ${reason}`));
      socket.on('set', (name: string) => {
        socket.data['name'] = name;
      });
      socket.on('join', (room: string) => void socket.join(room));
      socket.on('fetch', async (room: string, answer: (found: unknown) => void) => {
        const sockets = await (room === '' ? nsp : nsp.in(room)).fetchSockets();
        answer(sockets.map((found) => describeSocket(found as RemoteSocket<never, { name: string }>)));
      });
      socket.on('ids', async (answer: (ids: string[]) => void) =>
        answer([...(await nsp.allSockets())].toSorted(byText)),
      );
      socket.on('all join', (room: string) => {
        nsp.socketsJoin(room);
        nsp.to(room).emit('joined', room);
      });
      socket.on('all leave', (room: string) => {
        nsp.in(room).socketsLeave(room);
        nsp.to(room).emit('still here');
      });
      socket.on('kick', (id: string, close: boolean) => {
        nsp.to(id).emit('bye');
        nsp.in(id).disconnectSockets(close);
      });
      socket.on('kick remote', async (id: string) => {
        const [found] = await nsp.in(id).fetchSockets();
        found!.disconnect(true);
      });
      socket.on('server side', (answer: (message: string) => void) => {
        io.serverSideEmit('hello', (error: Error) => answer(error.message));
      });
    });
  serve(io.of('/'));
  serve(io.of('/b'));
};

function describeSocket({ id, rooms, data, handshake }: RemoteSocket<never, { name: string }>) {
  return { id, rooms: [...rooms], name: data.name, auth: handshake.auth, address: handshake.address };
}

describe('fetchSockets', () => {
  it('finds the sockets of all clients with their rooms, data and handshake', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = [await world.connect({ who: 'ada' }), await world.connect({ who: 'ben' })];
    await ben.send('2["set","Ben"]', '2["join","room"]');
    const [adaId, benId] = [await socketIdOf(ada), await socketIdOf(ben)];

    await ada.send('21["fetch",""]', '22["fetch","room"]', '23["ids"]');

    const own = { id: adaId, rooms: [adaId], auth: { who: 'ada' }, address: '192.0.2.1' };
    const other = {
      id: benId,
      rooms: [benId, 'room'],
      name: 'Ben',
      auth: { who: 'ben' },
      address: '192.0.2.1',
    };
    const answers = new Map(
      ada.take().map((packet) => [packet.slice(0, 3), (JSON.parse(packet.slice(3)) as unknown[])[0]]),
    );
    expect(answers.get('431')).toEqual([own, other]);
    expect(answers.get('432')).toEqual([other]);
    expect(answers.get('433')).toEqual([adaId, benId].toSorted(byText));
  });
});

describe('socketsJoin and socketsLeave', () => {
  it('move sockets of all clients, before what is emitted next', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = [await world.connect(), await world.connect()];

    await ada.send('2["all join","hall"]');

    expect(ada.take()).toEqual(['42["joined","hall"]']);
    expect(ben.take()).toEqual(['42["joined","hall"]']);
    expect((await ben.session()).sockets['/']!.rooms).toEqual(['hall']);

    await ada.send('2["all leave","hall"]');

    expect(ada.take()).toEqual([]);
    expect(ben.take()).toEqual([]);
    expect((await ben.session()).sockets['/']!.rooms).toEqual([]);
    expect((await ada.session()).sockets['/']!.rooms).toEqual([]);
  });
});

describe('disconnectSockets', () => {
  it('takes a socket of another client out of one namespace, after what was emitted before', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = [await world.connect(), await world.connect()];
    await ben.send('0/b,');
    await ben.send('2["join","room"]');
    ben.take();

    await ada.send(`2["kick","${await socketIdOf(ben)}",false]`);

    expect(ben.take()).toEqual(['42["bye"]', '41']);
    expect(ben.closed).toBeUndefined();
    expect(heard).toEqual(['/ server namespace disconnect']);
    expect(Object.keys((await ben.session()).sockets)).toEqual(['/b']);
    expect(await world.stores.sockets.list({ nsp: '/' }, world.clock.now())).toHaveLength(1);
    expect(await world.stores.sockets.list({ nsp: '/', room: 'room' }, world.clock.now())).toHaveLength(0);
  });

  it.each(['kick', 'kick remote'])(
    'closes a connection of another client after its packets (%s)',
    async (how) => {
      const world = createSocketIoWorld(app);
      const [ada, ben] = [await world.connect(), await world.connect()];
      await ben.send('0/b,');
      ben.take();

      await ada.send(`2["${how}","${await socketIdOf(ben)}",true]`);

      expect(
        ben
          .take()
          .filter((packet) => packet.startsWith('41'))
          .toSorted(byText),
      ).toEqual(['41', '41/b,']);
      expect(ben.closed).toBe('server namespace disconnect');
      expect(heard.toSorted(byText)).toEqual([
        '/ server namespace disconnect',
        '/b server namespace disconnect',
      ]);
    },
  );

  it('closes the own connection', async () => {
    const world = createSocketIoWorld(app);
    const ada = await world.connect();

    await ada.send(`2["kick","${await socketIdOf(ada)}",true]`);

    expect(ada.take()).toEqual(['42["bye"]', '41']);
    expect(ada.closed).toBe('forced close');
  });
});

describe('serverSideEmit', () => {
  it('is refused', async () => {
    const world = createSocketIoWorld(app);
    const ada = await world.connect();

    await ada.send('21["server side"]');

    expect(ada.take()).toEqual(['431["serverSideEmit() is not supported: no other server is running"]']);
    expect(world.log.at('error')).toHaveLength(1);
  });
});
