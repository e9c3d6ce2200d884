import type { Server } from 'socket.io';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  createSocketIoWorld,
  socketIdOf,
  type FakeClient,
  type SocketIoWorld,
} from '../../support/socketio-world.ts';

const frame = (text: string, id: string) => ({ text, attachments: [], frame: id });

describe('a frame that is delivered twice', () => {
  let heard: string[];
  let world: SocketIoWorld;
  let client: FakeClient;
  beforeEach(async () => {
    heard = [];
    world = createSocketIoWorld(
      (io: Server) => {
        for (const nsp of [io, io.of('/other')])
          nsp.on('connection', async (socket) => {
            await socket.join('room');
            if (!socket.recovered) heard.push('connect');
            socket.on('disconnect', (reason) => heard.push(reason));
            socket.on('say', (text: string) => nsp.to('room').emit('said', text));
          });
      },
      { recovery: { windowMs: 1_000 } },
    );
    client = await world.open();
  });
  const listed = () => world.stores.sockets.list({ nsp: '/', room: 'room' }, world.clock.now());

  it('CONNECT after it was served is answered with the same socket, unheard by the application', async () => {
    await client.send(frame('0', 'one'));
    const first = client.take();
    await client.send(frame('0', 'one'));

    expect(client.take()).toEqual(first);
    expect(first).toHaveLength(1);
    expect(client.closed).toBeUndefined();
    expect(heard).toEqual(['connect']);
  });

  it('CONNECT while it is being served is answered with the socket that was stored', async () => {
    await Promise.all([client.send(frame('0', 'one')), client.send(frame('0', 'one'))]);

    const [first, second, ...more] = client.take();
    expect(first).toMatch(/^40{"sid":"[\w-]{20}","pid":"[\w~-]+"}$/);
    expect(second).toBe(first);
    expect(more).toEqual([]);
    expect(client.closed).toBeUndefined();
    // The application has seen two, of which one has left again.
    expect(heard).toEqual(['connect', 'connect', 'transport close']);
    expect(await listed()).toMatchObject([{ socketId: await socketIdOf(client) }]);
    await client.send('2["say","hello"]');
    expect((await client.event('said')).slice(0, 2)).toEqual(['said', 'hello']);
  });

  it('leaves the sockets of other namespaces alone', async () => {
    await client.send('0/other,');
    heard.length = 0;
    await Promise.all([client.send(frame('0', 'one')), client.send(frame('0', 'one'))]);

    expect(heard).toEqual(['connect', 'connect', 'transport close']);
    expect(Object.keys((await client.session()).sockets).toSorted()).toEqual(['/', '/other']);
    client.take();
    await client.send('2/other,["say","hello"]');
    expect(client.take()).toHaveLength(1);
    expect(await world.stores.sockets.list({ nsp: '/other' }, world.clock.now())).toHaveLength(1);
  });

  it.each(['after', 'while'])(
    'a second CONNECT, with a frame of its own, %s the first is served ends the session',
    async (when) => {
      if (when === 'after') {
        await client.send(frame('0', 'one'));
        await client.send(frame('0', 'two'));
      } else await Promise.all([client.send(frame('0', 'one')), client.send(frame('0', 'two'))]);

      expect(client.closed).toBe('forced close');
      expect((await client.session()).closed).toBeDefined();
      expect(heard.filter((what) => what !== 'connect')).toHaveLength(
        heard.filter((what) => what === 'connect').length,
      );
      expect(await listed()).toEqual([]);
    },
  );

  it('CONNECT that recovers a socket gives it back once, to both', async () => {
    await client.send(frame('0', 'one'));
    const { pid } = (await client.session()).sockets['/']!;
    world.clock.advance(1_000);
    await client.send('2["say","offset"]');
    const said = await client.event('said');
    client.vanish();
    await world.sessions.end(client.sid, 'transport close');
    const again = await world.open();
    const connect = frame(`0${JSON.stringify({ pid, offset: said.at(-1) })}`, 'two');

    await Promise.all([again.send(connect), again.send(connect)]);

    const replies = again.take();
    expect(replies).toHaveLength(2);
    expect(new Set(replies).size).toBe(1);
    expect(replies[0]).toContain(pid);
    expect(again.closed).toBeUndefined();
    expect(await listed()).toHaveLength(1);
  });
});
