import type { Server } from 'socket.io';
import { beforeEach, describe, expect, it } from 'vitest';

import { SOCKETIO_SESSION } from '../../../lambdas/manifest/limits.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';
import { createSocketIoWorld, type SocketIoWorld } from '../../support/socketio-world.ts';

describe('what one session may hold', () => {
  let ended: string[];
  let world: SocketIoWorld;
  beforeEach(() => {
    ended = [];
    world = createSocketIoWorld(
      (io: Server) => {
        io.of(/^\//).on('connection', (socket) => {
          socket.on('join', (room: string) => socket.join(room));
          socket.on('keep', (text: string) => {
            socket.data.text = text;
          });
          socket.on('disconnect', (reason) => ended.push(reason));
        });
      },
      { recovery: { windowMs: 1_000 } },
    );
  });
  const event = (name: string, text: string) => `2/a,${JSON.stringify([name, text])}`;
  const NAME = 1_000;

  it('rooms that a client names: at the limit it ends, and none of them is left', async () => {
    const [client, other] = [await world.open(), await world.open()];
    await client.send('0/a,');
    await other.send('0/a,');
    const names = Array.from({ length: 1_000 }, (_, n) => String(n).padEnd(NAME, 'x'));
    const joined: string[] = [];
    for (const name of names) {
      await client.send(event('join', name));
      if (client.closed !== undefined) break;
      joined.push(name);
    }

    expect(client.closed).toBe('forced close');
    expect(joined).toHaveLength(Math.floor(SOCKETIO_SESSION.socketsBytes / NAME));
    expect((await client.session()).sockets['/a']?.rooms).toEqual(joined);
    expect(ended).toEqual(['forced close']);
    const now = world.clock.now();
    for (const room of names.slice(0, joined.length + 1))
      expect(await world.stores.sockets.list({ nsp: '/a', room }, now)).toEqual([]);
    expect(await world.stores.sockets.list({ nsp: '/a' }, now)).toMatchObject([{ sid: other.sid }]);
  });

  it.each(['websocket', 'polling'] as const)(
    'data and auth of all its sockets count together (%s)',
    async (transport) => {
      const client = await world.open({ transport });
      const auth = JSON.stringify({ token: 'x'.repeat(10_000) });
      for (const nsp of ['/a', '/b', '/c', '/d', '/e', '/f', '/g']) await client.send(`0${nsp},${auth}`);
      expect(client.closed).toBeUndefined();
      await client.send(event('keep', 'y'.repeat(SOCKETIO_SESSION.dataBytes - 100)));

      expect(client.closed).toBe('forced close');
      expect(ended).toHaveLength(7);
      expect((await client.session()).sockets['/a']?.data).toBe('{}');
      expect(await world.stores.sockets.list({ nsp: '/b' }, world.clock.now())).toEqual([]);
    },
  );

  it('holds less and goes on', async () => {
    const client = await world.open();
    await client.send('0/a,');
    await client.send(event('keep', 'y'.repeat(SOCKETIO_SESSION.dataBytes - 100)));
    await client.send(event('join', 'room'));
    expect(client.closed).toBeUndefined();
    expect((await client.session()).sockets['/a']?.rooms).toEqual(['room']);
  });
});

describe('entries of sockets that are gone', () => {
  it.each([undefined, 'room'])('are posted to once (room %s)', async (room) => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        socket.on('join', () => socket.join('room'));
        socket.on('say', () => (room === undefined ? io : io.to(room)).emit('said'));
      });
    });
    const [ada, ben] = [await world.connect(), await world.connect()];
    for (const client of [ada, ben]) await client.send('2["join"]');
    const place = room === undefined ? { nsp: '/' } : { nsp: '/', room };
    const left = { socketId: 'left-behind', sid: 'nobody' as EngineId };
    await world.stores.sockets.add(place, left, world.clock.now() + 60_000);

    await ada.send('2["say"]');

    const listed = await world.stores.sockets.list(place, world.clock.now());
    expect(listed.map(({ sid }) => sid).toSorted()).toEqual([ada.sid, ben.sid].toSorted());
    expect(ben.take()).toContain('42["said"]');
  });
});
