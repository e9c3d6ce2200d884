import fc from 'fast-check';
import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import { CausewayError } from '../../../lambdas/domain/errors.ts';
import type { SocketIoStores } from '../../../lambdas/ports/socketio.ts';
import { createSocketIoWorld } from '../../support/socketio-world.ts';

const app = (io: Server) => {
  io.on('connection', (socket) => {
    socket.onAny(
      (event: string, ...args: unknown[]) => void socket.broadcast.emit('heard', event, args.length),
    );
    socket.on('join', async (room: string) => socket.join(room));
    socket.on('emit', () => void io.to('room').emit('x'));
  });
  io.of(/^\/d/);
};

describe('a hostile client', () => {
  it('sends any text without harm to the process or to others', async () => {
    const world = createSocketIoWorld(app, { recovery: { windowMs: 1_000 } });
    const other = await world.connect();
    const head = fc.constantFrom('0', '1', '2', '3', '4', '5', '51-', '6', '2/', '0/d1,', '21', '2["', '0{');

    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(head, fc.string()), { maxLength: 3 }), async (texts) => {
        const client = await world.connect();
        await client.send(...texts.map(([front, rest]) => front + rest));
        await world.sessions.end(client.sid, 'transport close');
      }),
      { numRuns: 150 },
    );

    expect(other.closed).toBeUndefined();
    other.take();
    await other.send('21["join","x"]');
    expect(await world.stores.sockets.list({ nsp: '/' }, world.clock.now())).toHaveLength(1);
  });

  it('sends any event and auth', async () => {
    const world = createSocketIoWorld(app);

    await fc.assert(
      fc.asyncProperty(fc.object(), fc.array(fc.jsonValue(), { minLength: 1 }), async (auth, data) => {
        const client = await world.open();
        await client.send(`0${JSON.stringify(auth)}`);
        if (client.closed === undefined) await client.send(`2${JSON.stringify(data)}`);
        await world.sessions.end(client.sid, 'transport close');
      }),
      { numRuns: 100 },
    );
  });

  it('joins a thousand namespaces and costs nobody else anything', async () => {
    let opened = 0;
    let closed = 0;
    const world = createSocketIoWorld((io: Server) => {
      io.of(/^\/d/).on('connection', (socket) => {
        if (!socket.recovered) opened += 1;
        socket.on('disconnect', () => {
          closed += 1;
        });
      });
    });
    const client = await world.open();
    const connects = Array.from({ length: 1_000 }, (_, index) => `0/d${index},`);

    await client.send(...connects.slice(0, 64));
    expect(client.closed).toBeUndefined();
    await client.send(...connects.slice(64));

    expect(client.closed).toBe('forced close');
    expect(await world.stores.sockets.list({ nsp: '/d1' }, world.clock.now())).toEqual([]);
    expect(opened).toBe(64);
    expect(closed).toBe(64);
    const other = await world.connect();
    expect(other.closed).toBeUndefined();
  });

  it('cannot make the application put it into more rooms than are stored', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();

    for (let batch = 0; batch < 1_001; batch += 91)
      await client.send(...Array.from({ length: 91 }, (_, index) => `2["join","${batch + index}"]`));

    expect(client.closed).toBeUndefined();
    expect((await client.session()).sockets['/']!.rooms).toHaveLength(1_000);
    expect(client.take()).toContain('42["error",{"message":"Internal error"}]');
  });

  it('names things that JavaScript has, too', async () => {
    const world = createSocketIoWorld(app);
    const client = await world.connect();

    await client.send(
      '2["__proto__",{"__proto__":{"x":1}}]',
      '2["constructor"]',
      '2["join","__proto__"]',
      '0/__proto__,',
    );

    expect(client.closed).toBeUndefined();
    expect(({} as { x?: number }).x).toBeUndefined();
    expect((await client.session()).sockets['/']!.rooms).toEqual(['__proto__']);
  });
});

describe('a store that does not answer', () => {
  const failing = (name: 'add' | 'list' | 'append') => (stores: SocketIoStores) => {
    const fail = () => Promise.reject(new CausewayError('unavailable', 'throttled'));
    let armed = false;
    const when =
      <T extends (...args: never[]) => Promise<unknown>>(own: string, call: T) =>
      (...args: Parameters<T>) =>
        armed && own === name ? fail() : call(...args);
    const { sockets, packets } = stores;
    return {
      stores: {
        ...stores,
        sockets: { ...sockets, add: when('add', sockets.add), list: when('list', sockets.list) },
        packets: { ...packets, append: when('append', packets.append) },
      } as SocketIoStores,
      arm: () => {
        armed = true;
      },
    };
  };

  it('fails the run that could not store its own membership', async () => {
    let arm = (): void => {};
    const world = createSocketIoWorld(app, {
      stores: (stores) => {
        const failed = failing('add')(stores);
        arm = failed.arm;
        return failed.stores;
      },
    });
    const client = await world.connect();
    arm();

    await expect(client.send('2["join","room"]')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each(['list', 'append'] as const)('loses a broadcast with a log, not the sender (%s)', async (name) => {
    let arm = (): void => {};
    const world = createSocketIoWorld(app, {
      recovery: { windowMs: 1_000 },
      stores: (stores) => {
        const failed = failing(name)(stores);
        arm = failed.arm;
        return failed.stores;
      },
    });
    const client = await world.connect();
    arm();

    await client.send('2["emit"]');

    expect(client.closed).toBeUndefined();
    expect(world.log.at('error').length).toBeGreaterThan(0);
  });
});
