import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import { createSocketIoWorld, socketIdOf } from '../../support/socketio-world.ts';

describe('a client on the runtime', () => {
  it('connects, with a reply of its socket id and nothing else where recovery is off', async () => {
    const world = createSocketIoWorld(undefined);
    const client = await world.open();

    await client.send('0');

    const id = await socketIdOf(client);
    expect(id).toHaveLength(20);
    expect(client.take()).toEqual([`40{"sid":"${id}"}`]);
  });

  it('gets an ack from a handler of another invocation than the one that connected it', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        socket.on('add', (one: number, other: number, done: (sum: number) => void) => done(one + other));
      });
    });
    const client = await world.connect();

    await client.send('27["add",1,2]');

    expect(client.take()).toEqual(['437[3]']);
  });

  it('reaches everybody with a broadcast, itself on its own response', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        socket.on('say', (text: string) => io.emit('said', text));
        socket.on('tell', (text: string) => socket.broadcast.emit('told', text));
      });
    });
    const [ada, ben] = [await world.connect(), await world.connect()];

    await ada.send('2["say","hi"]');
    await ada.send('2["tell","psst"]');

    expect(ada.take()).toEqual(['42["said","hi"]']);
    expect(ben.take()).toEqual(['42["said","hi"]', '42["told","psst"]']);
  });
});
