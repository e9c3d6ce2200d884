import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import type { SocketIoStores } from '../../../lambdas/ports/socketio.ts';
import { createSocketIoWorld } from '../../support/socketio-world.ts';

const app = (io: Server) => {
  io.on('connection', (socket) => {
    socket.on('join', async (room: string, ack: (text: string) => void) => {
      await socket.join(room);
      ack('joined');
    });
    socket.on('leave', async (room: string, ack: (text: string) => void) => {
      await socket.leave(room);
      ack('left');
    });
    socket.on('say', (text: string, ack: (text: string) => void) => {
      io.emit('said', text);
      ack('sent');
    });
    socket.on('note', (text: string, ack: (text: string) => void) => {
      socket.data.noted = text;
      io.emit('said', text);
      ack('sent');
    });
  });
};

/** Steps of the stores and of the client's connection, in their order. */
function recorded() {
  const steps: string[] = [];
  const wrap = (stores: SocketIoStores): SocketIoStores => ({
    ...stores,
    sessions: {
      ...stores.sessions,
      commit: (...args) => {
        steps.push('commit');
        return stores.sessions.commit(...args);
      },
    },
    sockets: {
      ...stores.sockets,
      async add(...args) {
        steps.push('add');
        await stores.sockets.add(...args);
        await new Promise((resolve) => setTimeout(resolve, 5));
        steps.push('added');
      },
      async remove(...args) {
        steps.push('remove');
        await stores.sockets.remove(...args);
        await new Promise((resolve) => setTimeout(resolve, 5));
        steps.push('removed');
      },
    },
  });
  return { steps, wrap };
}

describe('what needs no order', () => {
  it('the row of a session is written beside the index when a socket joins or leaves, and once', async () => {
    const { steps, wrap } = recorded();
    const world = createSocketIoWorld(app, { stores: wrap });
    const client = await world.connect();
    steps.length = 0;
    await client.send('21["join","a"]');
    expect(steps.slice(0, 3)).toEqual(['add', 'commit', 'added']);
    expect((await client.session()).sockets['/']?.rooms).toEqual(['a']);
    steps.length = 0;
    await client.send('22["leave","a"]');
    expect(steps.slice(0, 3)).toEqual(['remove', 'commit', 'removed']);
    expect((await client.session()).sockets['/']?.rooms).toEqual([]);
    expect(client.take()).toEqual(['431["joined"]', '432["left"]']);
  });

  it.each([
    ['say', ['43']],
    ['note', ['42', '43']],
  ])(
    'what a client gets before its answer leaves with the posts to others, unless something must be stored (%s)',
    async (event, atTheEnd) => {
      const world = createSocketIoWorld(app);
      const [ada] = [await world.connect(), await world.connect()];
      const waiting: string[] = [];
      const left: string[] = [];
      const outlet = {
        write: (packets: readonly string[]) => void waiting.push(...packets),
        flush: async () => void left.push(...waiting.splice(0)),
      };
      const message = { text: `21["${event}","hello"]`, attachments: [] };
      await world.runtime.run(await ada.session(), [message], outlet);

      expect(waiting.map((packet) => packet.slice(0, 2))).toEqual(atTheEnd);
      expect([...left, ...waiting]).toEqual(['42["said","hello"]', '431["sent"]']);
    },
  );
});
