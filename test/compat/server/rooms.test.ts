import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import { createSocketIoWorld, socketIdOf, type SocketIoWorld } from '../../support/socketio-world.ts';

const app = (io: Server) => {
  io.on('connection', (socket) => {
    socket.on('join', async (rooms: string | string[], answer?: () => void) => {
      await socket.join(rooms);
      answer?.();
    });
    socket.on('leave', (room: string) => void socket.leave(room));
    socket.on('rooms', (answer: (rooms: string[]) => void) => answer([...socket.rooms]));
    socket.on('to', (rooms: string[], text: string) => void socket.to(rooms).emit('said', text));
    socket.on('in', (rooms: string[], text: string) => void io.in(rooms).emit('said', text));
    socket.on('except', (rooms: string[], text: string) => void io.except(rooms).emit('said', text));
    socket.on('mixed', () => {
      socket.emit('n', 1);
      io.emit('n', 2);
      socket.emit('n', 3);
      io.to('room').emit('n', 4);
      socket.emit('n', 5);
    });
    socket.on('flags', () => {
      io.local.emit('n', 'local');
      io.volatile.emit('n', 'volatile');
      io.compress(false).emit('n', 'compress');
      socket.timeout(1_000).emit('n', 'timeout');
      io.send('message');
    });
    socket.on('hear outgoing', () => {
      const heard: unknown[] = [];
      socket.onAnyOutgoing((...args: unknown[]) => void heard.push(args));
      io.emit('one', 1);
      socket.emit('two', 2);
      socket.emit('heard', heard);
    });
  });
};

async function three(world: SocketIoWorld) {
  return [await world.connect(), await world.connect(), await world.connect()] as const;
}

describe('rooms', () => {
  it('are kept from one invocation to the next, and entered once', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();
    const id = await socketIdOf(client);

    await client.send('21["join",["a","b"]]');
    await client.send('2["join","a"]', '2["leave","b"]');
    await client.send('22["rooms"]');

    expect(client.take()).toEqual(['431[]', `432[["${id}","a"]]`]);
    expect((await client.session()).sockets['/']!.rooms).toEqual(['a']);
  });

  it('are reached from other instances, by name and by the id of a socket', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben, cy] = await three(world);
    await ben.send('2["join","room"]');
    await cy.send('2["join","room"]');
    const id = await socketIdOf(cy);
    ada.through(world.instance(app));

    await ada.send('2["to",["room"],"room"]', `2["to",["${id}"],"id"]`, `2["to",["room","${id}"],"both"]`);

    expect(ada.take()).toEqual([]);
    expect(ben.take()).toEqual(['42["said","room"]', '42["said","both"]']);
    expect(cy.take()).toEqual(['42["said","room"]', '42["said","id"]', '42["said","both"]']);
  });

  it('leave out the sender of socket.to, and who is in an excluded room or has an excluded id', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben, cy] = await three(world);
    await ada.send('2["join","room"]');
    await ben.send('2["join","room"]');

    await ada.send('2["to",["room"],"to"]', '2["in",["room"],"in"]');
    await ada.send('2["except",["room"],"not in room"]');
    await ada.send(`2["except",["${await socketIdOf(cy)}"],"not cy"]`);

    expect(ada.take()).toEqual(['42["said","in"]', '42["said","not cy"]']);
    expect(ben.take()).toEqual(['42["said","to"]', '42["said","in"]', '42["said","not cy"]']);
    expect(cy.take()).toEqual(['42["said","not in room"]']);
  });

  it('named like another socket reach that socket and who joined them', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben, cy] = await three(world);
    const id = await socketIdOf(ben);
    await cy.send(`2["join","${id}"]`);

    await ada.send(`2["to",["${id}"],"both"]`);
    await ben.send(`2["in",["${id}"],"again"]`);

    expect(ben.take()).toEqual(['42["said","both"]', '42["said","again"]']);
    expect(cy.take()).toEqual(['42["said","both"]', '42["said","again"]']);
  });
});

describe('emitting', () => {
  it('keeps the order of everything one socket gets, for the own socket and for others', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = await three(world);
    for (const client of [ada, ben]) await client.send('2["join","room"]');

    await ada.send('2["mixed"]');

    expect(ada.take()).toEqual([1, 2, 3, 4, 5].map((n) => `42["n",${n}]`));
    expect(ben.take()).toEqual([2, 4].map((n) => `42["n",${n}]`));
  });

  it('knows the flags of socket.io: local stays in the process', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = await three(world);

    await ada.send('2["flags"]');

    const expected = ['local', 'volatile', 'compress', 'timeout'].map((n) => `42["n","${n}"]`);
    expect(ada.take()).toEqual([...expected, '42["message","message"]']);
    expect(ben.take()).toEqual(['42["n","volatile"]', '42["n","compress"]', '42["message","message"]']);
  });

  it('to the own socket asks the index nothing', async () => {
    let asked = 0;
    const world = createSocketIoWorld(
      (io: Server) => {
        io.on('connection', (socket) => void socket.on('go', () => socket.emit('own')));
      },
      {
        stores: (stores) => ({
          ...stores,
          sockets: {
            ...stores.sockets,
            list: (...args) => {
              asked += 1;
              return stores.sockets.list(...args);
            },
          },
        }),
      },
    );
    const client = await world.connect();

    await client.send('2["go"]');

    expect(client.take()).toEqual(['42["own"]']);
    expect(asked).toBe(0);
  });

  it('is heard by onAnyOutgoing', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();

    await client.send('2["hear outgoing"]');

    expect(client.take().at(-1)).toBe('42["heard",[["one",1],["two",2]]]');
  });

  it('ends sessions whose peer is gone, and they hear of it', async () => {
    const heard: string[] = [];
    const world = createSocketIoWorld((io: Server) => {
      app(io);
      io.on('connection', (socket) => void socket.on('disconnect', (reason) => void heard.push(reason)));
    });
    const [ada, ben, cy] = await three(world);
    ben.vanish();

    await ada.send('2["to",[],"hi"]');

    expect(heard).toEqual(['transport close']);
    expect(cy.take()).toEqual(['42["said","hi"]']);
    expect(await world.stores.sockets.list({ nsp: '/' }, world.clock.now())).toHaveLength(2);
  });

  it('works outside any run, and before the application has been loaded does nothing', async () => {
    let server: Server | undefined;
    const world = createSocketIoWorld((io: Server) => {
      io.emit('too early');
      server = io;
      app(io);
    });
    const [ada] = await three(world);

    server!.emit('from outside');
    await ada.send('21["rooms"]');

    expect(ada.take()).toContain('42["from outside"]');
  });
});

describe('a packet above 128 KB', () => {
  const big = (io: Server) => {
    io.on('connection', (socket) => {
      const text = 'x'.repeat(128 * 1024);
      const emitting = (emit: () => void) => (answer: (message: string) => void) => {
        try {
          emit();
          answer('sent');
        } catch (error) {
          answer((error as Error).message);
        }
      };
      socket.on(
        'own',
        emitting(() => void socket.emit('big', text)),
      );
      socket.on(
        'all',
        emitting(() => void io.emit('big', text)),
      );
      socket.on(
        'binary',
        emitting(() => void socket.emit('big', Buffer.alloc(10), Buffer.alloc(100 * 1024))),
      );
      socket.on('ack', (answer: (text: string) => void) => answer(text));
      socket.on('binary ack', (answer: (...data: Buffer[]) => void) =>
        answer(Buffer.alloc(10), Buffer.alloc(100 * 1024)),
      );
    });
  };

  it.each(['own', 'all', 'binary'])(
    'is refused with an error to who emits it (%s), and nothing is sent',
    async (event) => {
      const world = createSocketIoWorld(big);
      const [ada, ben] = await three(world);

      await ada.send(`21["${event}"]`);

      expect(ada.take()).toEqual([expect.stringMatching(/^431\["Not sent: a packet of \d+ bytes/)]);
      expect(ben.take()).toEqual([]);
    },
  );

  it.each(['ack', 'binary ack'])('given to an ack makes it an internal error (%s)', async (event) => {
    const world = createSocketIoWorld(big);
    const ada = await world.connect();

    await ada.send(`21["${event}"]`);

    expect(ada.take()).toEqual([
      '42["error",{"message":"Internal error"}]',
      '431[{"error":"Internal error"}]',
    ]);
  });
});

describe('binary', () => {
  const app = (io: Server) => {
    io.on('connection', (socket) => {
      socket.on('echo', (data: Buffer, answer?: (data: Buffer) => void) => {
        socket.emit('bytes', data, { deep: [new Uint8Array([1, 2]), new Uint8Array([3]).buffer] });
        socket.broadcast.emit('bytes', data);
        answer?.(data);
      });
    });
  };

  it('comes as attachments and goes as base64 text, to the own socket, to others and in acks', async () => {
    const world = createSocketIoWorld(app);
    const [ada, ben] = await three(world);

    await ada.send({ text: '51-7["echo",{"_placeholder":true,"num":0}]', attachments: [Buffer.from('hi')] });

    expect(ada.take()).toEqual([
      '453-["bytes",{"_placeholder":true,"num":0},{"deep":[{"_placeholder":true,"num":1},{"_placeholder":true,"num":2}]}]',
      'baGk=',
      'bAQI=',
      'bAw==',
      '461-7[{"_placeholder":true,"num":0}]',
      'baGk=',
    ]);
    expect(ben.take()).toEqual(['451-["bytes",{"_placeholder":true,"num":0}]', 'baGk=']);
  });
});
