import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import { setTag, tagOf } from '../../../compat/server/tag.ts';
import { createSocketIoWorld, type FakeClient, type SocketIoWorld } from '../../support/socketio-world.ts';

const app = (io: Server) =>
  io.on('connection', (socket) => {
    // In a replay it must change nothing.
    if (socket.handshake.auth['eager'] === true) setTag(socket, 'eager');
    socket.on('join', (room: string) => socket.join(room));
    socket.on('tag', (tag: string) => setTag(socket, tag));
    socket.on('tag and join', async (tag: string, room: string) => {
      setTag(socket, tag);
      await socket.join(room);
    });
    socket.on('join and tag', (room: string, tag: string) => {
      void socket.join(room);
      setTag(socket, tag);
    });
    socket.on('tag and leave', (tag: string, room: string) => {
      setTag(socket, tag);
      void socket.leave(room);
    });
    socket.on('which', (answer: (tag: string | undefined) => void) => answer(tagOf(socket)));
    socket.on('all join', (room: string) => io.socketsJoin(room));
  });

async function tagsOf(world: SocketIoWorld, ...rooms: readonly (string | undefined)[]) {
  const lists = rooms.map((room) =>
    world.stores.sockets.list({ nsp: '/', ...(room !== undefined && { room }) }, world.clock.now()),
  );
  return (await Promise.all(lists)).flat().map(({ tag }) => tag);
}

async function answer(client: FakeClient): Promise<unknown> {
  await client.send('21["which"]');
  return client.take().at(-1);
}

describe('setTag', () => {
  it('is stored with the run and stands in every entry of the socket', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();
    await client.send('2["join","a"]', '2["join","b"]');

    await client.send('2["tag","chats"]');

    expect((await client.session()).sockets['/']?.tag).toBe('chats');
    expect(await tagsOf(world, 'a', 'b', undefined)).toEqual(['chats', 'chats', 'chats']);
    expect(await answer(client)).toBe('431["chats"]');
  });

  it.each(['2["tag and join","chats","a"]', '2["join and tag","a","chats"]'])(
    'holds for rooms joined in the same run: %s',
    async (packet) => {
      const world = createSocketIoWorld(app);
      const client = await world.connect();
      await client.send(packet);
      await client.send('2["join","later"]');
      expect(await tagsOf(world, 'a', 'later')).toEqual(['chats', 'chats']);
    },
  );

  it('of a socket that is new is stored with it', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect({ eager: true });
    expect((await client.session()).sockets['/']?.tag).toBe('eager');
    expect(await tagsOf(world, undefined)).toEqual(['eager']);
    await client.send('2["tag","chats"]');
    // The connection listener ran again for this packet, and could not change it back.
    expect(await answer(client)).toBe('431["chats"]');
    expect((await client.session()).sockets['/']?.tag).toBe('chats');
  });

  it('brings a room back to nobody who leaves it', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();
    await client.send('2["join","a"]');
    await client.send('2["tag and leave","chats","a"]');
    expect(await tagsOf(world, 'a')).toEqual([]);
    expect((await client.session()).sockets['/']).toMatchObject({ tag: 'chats', rooms: [] });
  });

  it('goes with the socket where others move it', async () => {
    const world = createSocketIoWorld(app);
    const [client, other] = [await world.connect(), await world.connect()];
    await client.send('2["tag","chats"]');
    await other.send('2["all join","a"]');
    expect(new Set(await tagsOf(world, 'a'))).toEqual(new Set(['chats', undefined]));
  });

  it('is there again after a recovery', async () => {
    const world = createSocketIoWorld(app, { recovery: { windowMs: 60_000 } });
    const client = await world.open();
    await client.send('0');
    const { pid } = JSON.parse(client.take()[0]?.slice(2) ?? '') as { pid: string };
    await client.send('2["join","a"]', '2["tag","chats"]');
    await world.sessions.end(client.sid, 'transport close');

    const back = await world.open();
    await back.send(`0${JSON.stringify({ pid, offset: 'lvoqmyq12-0000abcdef' })}`);

    expect((await back.session()).sockets['/']).toMatchObject({ tag: 'chats', rooms: ['a'] });
    expect(await tagsOf(world, 'a')).toEqual(['chats']);
    expect(await answer(back)).toBe('431["chats"]');
  });
});
