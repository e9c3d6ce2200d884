/* oxlint-disable typescript/no-misused-promises, promise/no-callback-in-promise -- as applications are written; that it works is what is tested */
import { setTimeout as sleep } from 'node:timers/promises';

import type { Server } from 'socket.io';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { waitUntil } from '../../../compat/app-door.ts';
import { byText, createSocketIoWorld } from '../../support/socketio-world.ts';

const rejections: unknown[] = [];
const note = (reason: unknown) => void rejections.push(reason);
beforeEach(() => void process.on('unhandledRejection', note));
afterEach(() => {
  process.off('unhandledRejection', note);
  expect(rejections.splice(0)).toEqual([]);
});

describe('a run', () => {
  it('waits for promises of listeners however they were registered', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        const slow = (name: string) => async () => {
          await sleep(15);
          socket.emit('done', name);
        };
        socket.on('go', slow('on'));
        socket.addListener('go', slow('addListener'));
        socket.once('go', slow('once'));
        socket.prependListener('go', slow('prependListener'));
        socket.prependOnceListener('go', slow('prependOnceListener'));
        socket.onAny(slow('onAny'));
        socket.prependAny(slow('prependAny'));
        socket.use(async (_event, next) => {
          await sleep(15);
          socket.emit('done', 'use');
          next();
        });
      });
    });
    const client = await world.connect();

    await client.send('2["go"]');

    const names = client.take().map((packet) => (JSON.parse(packet.slice(2)) as string[])[1]);
    expect(names.toSorted(byText)).toEqual(
      [
        'addListener',
        'on',
        'onAny',
        'once',
        'prependAny',
        'prependListener',
        'prependOnceListener',
        'use',
      ].toSorted(byText),
    );
  });

  it('waits for the connection listener and for namespace middlewares', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.use((_socket, next) => void sleep(10).then(() => next()));
      io.use(async (_socket, next) => {
        await sleep(10);
        next();
      });
      io.on('connection', async (socket) => {
        await sleep(10);
        socket.emit('welcome');
      });
    });
    const client = await world.open();

    await client.send('0');

    expect(client.take()).toEqual([expect.stringMatching(/^40\{"sid"/), '42["welcome"]']);
  });

  it('waits for work given to waitUntil, and logs its failure', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        socket.on('go', () => {
          waitUntil(sleep(20).then(() => socket.emit('later')));
          waitUntil(Promise.reject(new Error('no')));
        });
      });
    });
    const client = await world.connect();

    await client.send('2["go"]');

    expect(client.take()).toEqual(['42["later"]']);
    expect(world.log.at('error')).toEqual(['Work given to waitUntil failed']);
  });

  it('waits for a handler without a promise that takes the ack to call it', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        socket.on('ask', (_what: string, answer: (text: string) => void) => {
          setTimeout(() => answer('late'), 20);
        });
      });
    });
    const client = await world.connect();

    await client.send('21["ask","x"]');

    expect(client.take()).toEqual(['431["late"]']);
  });

  it('does not wait for an ack that no handler takes', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        socket.on('ask', () => {});
        socket.onAny((_event: unknown) => {});
      });
    });
    const client = await world.connect();

    const ended = await Promise.race([
      client.send('21["ask"]', '22["nobody"]', '23').then(() => 'ended'),
      sleep(1_000, 'waiting', { ref: false }),
    ]);

    expect(ended).toBe('ended');
  });

  it('sends what was emitted before a slow handler is done, and stores the state first', async () => {
    let release = (): void => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    const world = createSocketIoWorld(
      (io: Server) => {
        io.on('connection', async (socket) => {
          socket.data['step'] = 1;
          void socket.join('room');
          socket.emit('started');
          await released;
          socket.data['step'] = 2;
          socket.emit('finished');
        });
      },
      { limits: { flushAfterMs: 5 } },
    );
    const client = await world.open();

    const running = client.send('0');
    await client.event('started');

    expect((await client.session()).sockets['/']).toMatchObject({ data: '{"step":1}', rooms: ['room'] });
    release();
    await running;
    expect(client.take().at(-1)).toBe('42["finished"]');
    expect((await client.session()).sockets['/']).toMatchObject({ data: '{"step":2}', rooms: ['room'] });
  });

  it('stores once what is being stored already when it ends', async () => {
    let commits = 0;
    const world = createSocketIoWorld(
      (io: Server) => {
        io.on('connection', async (socket) => {
          socket.emit('started');
          await sleep(15);
          socket.emit('finished');
        });
      },
      {
        limits: { flushAfterMs: 5 },
        stores: (stores) => ({
          ...stores,
          sessions: {
            ...stores.sessions,
            async commit(...args) {
              if (Object.keys(args[1]).length > 0) commits += 1;
              const outcome = await stores.sessions.commit(...args);
              await sleep(40);
              return outcome;
            },
          },
        }),
      },
    );
    const client = await world.open();

    await client.send('0');

    expect(client.take()).toEqual([expect.stringMatching(/^40/), '42["started"]', '42["finished"]']);
    expect(client.closed).toBeUndefined();
    expect(commits).toBe(1);
  });

  it('ends at its deadline with a log when a handler never does', async () => {
    const world = createSocketIoWorld(
      (io: Server) => {
        io.on('connection', (socket) => void socket.on('hang', () => new Promise(() => {})));
      },
      { limits: { deadlineMs: 50 } },
    );
    const client = await world.connect();

    await client.send('2["hang"]');

    expect(world.log.at('error')).toEqual(['Handlers were still working when the invocation had to end']);
  });
});

describe('a failing handler', () => {
  const failing = (io: Server) => {
    io.on('connection', (socket) => {
      socket.on('throw', () => {
        throw new Error('secret');
      });
      socket.on('reject', async () => {
        await sleep(1);
        throw new Error('secret');
      });
      socket.on('answered', async (answer: (text: string) => void) => {
        answer('first');
        throw new Error('secret');
      });
      socket.onAny((event: string) => {
        if (event === 'any') throw new Error('secret');
      });
      socket.use(([event], next) => {
        if (event === 'used') throw new Error('secret');
        next();
      });
      socket.use(async ([event], next) => {
        if (event === 'asyncUsed') throw new Error('secret');
        next();
      });
    });
  };

  it.each(['throw', 'reject', 'used', 'asyncUsed'])(
    'tells the caller of %s of an internal error, by event and by ack, and nobody else',
    async (event) => {
      const world = createSocketIoWorld(failing);
      const [client, other] = [await world.connect(), await world.connect()];

      await client.send(`25["${event}"]`);

      expect(client.take()).toEqual([
        '42["error",{"message":"Internal error"}]',
        '435[{"error":"Internal error"}]',
      ]);
      expect(other.take()).toEqual([]);
      expect(client.closed).toBeUndefined();
      expect(world.log.at('error')).toEqual(['A Socket.IO handler failed']);
    },
  );

  it('does not answer an ack twice', async () => {
    const world = createSocketIoWorld(failing);
    const client = await world.connect();

    await client.send('25["answered"]');

    expect(client.take()).toEqual(['435["first"]', '42["error",{"message":"Internal error"}]']);
  });

  it('does not keep other listeners from the event', async () => {
    const world = createSocketIoWorld((io: Server) => {
      failing(io);
      io.on('connection', (socket) => void socket.on('any', () => socket.emit('heard')));
    });
    const client = await world.connect();

    await client.send('2["any"]');

    expect(client.take()).toEqual(['42["error",{"message":"Internal error"}]', '42["heard"]']);
  });

  it('of a connection is told to the client, and the connection stays', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', async (socket) => {
        socket.on('ping', (answer: () => void) => answer());
        await sleep(1);
        throw new Error('secret');
      });
    });
    const client = await world.open();

    await client.send('0');
    expect(client.take().at(-1)).toBe('42["error",{"message":"Internal error"}]');
    await client.send('21["ping"]');
    expect(client.take()).toEqual(['431[]']);
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('secret');
      },
    ],
    ['rejects', () => Promise.reject(new Error('secret'))],
  ])('that is a middleware and %s refuses the connection', async (_how, middleware) => {
    const world = createSocketIoWorld((io: Server) => void io.use(middleware));
    const client = await world.open();

    await client.send('0');

    expect(client.take()).toEqual(['44{"message":"Internal error"}']);
    expect(Object.keys((await client.session()).sockets)).toEqual([]);
  });
});

describe('listeners', () => {
  it('can be removed by what the application registered', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => {
        const heard = () => socket.emit('heard');
        const once = () => socket.emit('once');
        const any = () => socket.emit('any');
        socket.on('a', heard);
        socket.once('a', once);
        socket.onAny(any);
        socket.on('check', (answer: (found: unknown) => void) => {
          const listed = socket.listeners('a');
          socket.off('a', heard);
          socket.off('a', once);
          socket.offAny(any);
          answer([listed[0] === heard, listed[1] === once, socket.listenerCount('a')]);
        });
      });
    });
    const client = await world.connect();

    await client.send('21["check"]', '2["a"]');

    // Catch-all listeners of both packets come before the first packet's own.
    expect(client.take()).toEqual(['42["any"]', '42["any"]', '431[[true,true,0]]']);
  });

  it('given to once hear one event', async () => {
    const world = createSocketIoWorld((io: Server) => {
      io.on('connection', (socket) => void socket.once('a', () => socket.emit('once')));
    });
    const client = await world.connect();

    await client.send('2["a"]', '2["a"]');

    expect(client.take()).toEqual(['42["once"]']);
  });
});
