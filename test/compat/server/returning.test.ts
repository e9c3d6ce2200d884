/** What is said in the very moment in which a client comes back. */
import type { Server } from 'socket.io';
import { describe, expect, it } from 'vitest';

import type { SocketIoStores } from '../../../lambdas/ports/socketio.ts';
import { createSocketIoWorld, type SocketIoWorld } from '../../support/socketio-world.ts';

const app = (io: Server) => {
  io.on('connection', (socket) => {
    socket.on('enter', (room: string) => socket.join(room));
    socket.on('say', (room: string, ...args: unknown[]) => void io.to(room).emit('said', ...args));
  });
};

/** Repeatable: mulberry32 (Tommy Ettinger, public domain). */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));

/** Every call of a store takes effect some time after it was made, and answers some time after that. */
function slow(stores: SocketIoStores, wait: () => Promise<void>): SocketIoStores {
  const slowed = <T extends object>(store: T): T =>
    new Proxy(store, {
      get(target, name) {
        const call = Reflect.get(target, name) as unknown;
        if (typeof call !== 'function' || name === 'ring') return call;
        return async (...args: unknown[]) => {
          await wait();
          const answer: unknown = await Reflect.apply(call, target, args);
          await wait();
          return answer;
        };
      },
    });
  return {
    sessions: slowed(stores.sessions),
    sockets: slowed(stores.sockets),
    packets: slowed(stores.packets),
    acks: slowed(stores.acks),
  };
}

/** No call takes longer than this, and a socket that comes back waits for two of them one after another. */
const SLOWEST_MS = 12;
const MESSAGES = 24;

async function stage(seed: number) {
  const random = randomOf(seed);
  const world: SocketIoWorld = createSocketIoWorld(app, {
    recovery: { windowMs: 120_000 },
    stores: (stores) => slow(stores, () => pause((random() * SLOWEST_MS) / 2)),
    limits: { settleMs: 3 * SLOWEST_MS },
  });
  const ticking = setInterval(() => world.clock.advance(1), 1);
  const [ada, ben] = [await world.open(), await world.open()];
  await Promise.all([ada.send('0'), ben.send('0')]);
  const { pid } = JSON.parse(ada.take()[0]!.slice(2)) as { pid: string };
  await ada.send('2["enter","room"]');
  await ben.send('2["say","room",0]');
  const offset = offsetOf(ada.take().at(-1)!);
  world.clock.advance(1_000);
  await world.sessions.end(ada.sid, 'transport close');
  world.clock.advance(1_000);
  async function talk(): Promise<void> {
    for (let n = 1; n <= MESSAGES; n += 1) {
      await ben.send(`2["say","room",${n}]`);
      await pause(random() * 5);
    }
  }
  async function comeBack() {
    await pause(random() * 60);
    const back = await world.open();
    await back.send(`0${JSON.stringify({ pid, offset })}`);
    return back;
  }
  return { world, pid, ticking, talk, comeBack };
}

const offsetOf = (packet: string) =>
  (JSON.parse(packet.slice(packet.indexOf('['))) as unknown[]).at(-1) as string;
const saidIn = (packets: readonly string[]) =>
  packets
    .filter((packet) => packet.startsWith('42["said"'))
    .map((packet) => (JSON.parse(packet.slice(2)) as unknown[])[1]);

describe('while somebody talks', () => {
  const seeds = Array.from({ length: 12 }, (_, seed) => seed + 1);
  it.each(seeds)('a client that comes back hears everything once, in order (seed %i)', async (seed) => {
    const { pid, ticking, talk, comeBack } = await stage(seed);
    try {
      const [back] = await Promise.all([comeBack(), talk()]);
      await pause(4 * SLOWEST_MS);
      const packets = back.take();
      expect(packets[0]).toContain(pid);
      expect(saidIn(packets)).toEqual(Array.from({ length: MESSAGES }, (_, n) => n + 1));
    } finally {
      clearInterval(ticking);
    }
  });
});

it('what was told to those who could be found before it came back is read once it is stored', async () => {
  const clockTick = (world: SocketIoWorld) => setInterval(() => world.clock.advance(1), 1);
  const world = createSocketIoWorld(app, {
    recovery: { windowMs: 120_000 },
    stores: (stores) => ({
      ...stores,
      packets: {
        ...stores.packets,
        append: async (...packet) => {
          await pause(40);
          await stores.packets.append(...packet);
        },
      },
    }),
    limits: { settleMs: 80 },
  });
  const [ada, ben] = [await world.open(), await world.open()];
  await Promise.all([ada.send('0'), ben.send('0')]);
  const { pid } = JSON.parse(ada.take()[0]!.slice(2)) as { pid: string };
  await ada.send('2["enter","room"]');
  await ben.send('2["say","room",0]');
  const offset = offsetOf(ada.take().at(-1)!);
  world.clock.advance(1_000);
  await world.sessions.end(ada.sid, 'transport close');
  world.clock.advance(1_000);
  const ticking = clockTick(world);
  try {
    const saying = ben.send('2["say","room",1]');
    await pause(10);
    const back = await world.open();
    await back.send(`0${JSON.stringify({ pid, offset })}`);
    await saying;
    expect(saidIn(back.take())).toEqual([1]);
  } finally {
    clearInterval(ticking);
  }
});

it('what was stored before it came back and is told only when it has come comes once', async () => {
  let slow = Promise.resolve();
  const world = createSocketIoWorld(app, {
    recovery: { windowMs: 120_000 },
    stores: (stores) => ({
      ...stores,
      sessions: {
        ...stores.sessions,
        // The packet is in the log, the recipients are known, and the first look whether one of them is held takes long.
        defer: async (...packets) => {
          await slow;
          return stores.sessions.defer(...packets);
        },
      },
    }),
    limits: { settleMs: 30 },
  });
  const [ada, ben] = [await world.open(), await world.open()];
  await Promise.all([ada.send('0'), ben.send('0')]);
  const { pid } = JSON.parse(ada.take()[0]!.slice(2)) as { pid: string };
  await ada.send('2["enter","room"]');
  await ben.send('2["say","room",0]');
  const offset = offsetOf(ada.take().at(-1)!);
  world.clock.advance(1_000);
  await world.sessions.end(ada.sid, 'transport close');
  world.clock.advance(1_000);

  const back = await world.open();
  const returning = back.send(`0${JSON.stringify({ pid, offset })}`);
  slow = returning;
  await pause(10);
  await ben.send('2["say","room",1]');
  await ben.send('2["say","room",2]');
  expect(back.inbox[0]).toContain(pid);
  expect(saidIn(back.take())).toEqual([1, 2]);
});

it('two namespaces that come back together miss nothing of what is told to either of them meanwhile', async () => {
  let calls = 0;
  const both = (io: Server) => [io, io.of('/b')].forEach((nsp) => app(nsp as unknown as Server));
  const world = createSocketIoWorld(both, {
    recovery: { windowMs: 120_000 },
    stores: (stores) => ({
      ...stores,
      sessions: {
        ...stores.sessions,
        // Were there two, one of them would have been looked for what it missed while the other one still waits.
        hold: async (...held) => {
          await pause(60 * calls++);
          return stores.sessions.hold(...held);
        },
      },
    }),
    limits: { settleMs: 60 },
  });
  const [ada, ben] = [await world.open(), await world.open()];
  await Promise.all([ada.send('0', '0/b,'), ben.send('0', '0/b,')]);
  const pids = ada
    .take()
    .map((packet) => (JSON.parse(packet.slice(packet.indexOf('{'))) as { pid: string }).pid);
  await ada.send('2["enter","room"]', '2/b,["enter","room"]');
  await ben.send('2["say","room",0]', '2/b,["say","room",0]');
  const offsets = ada.take().map(offsetOf);
  world.clock.advance(1_000);
  await world.sessions.end(ada.sid, 'transport close');
  world.clock.advance(1_000);

  const back = await world.open();
  const lost = (n: number) => JSON.stringify({ pid: pids[n], offset: offsets[n] });
  const returning = back.send(`0${lost(0)}`, `0/b,${lost(1)}`);
  await pause(90);
  await ben.send('2["say","room",1]', '2/b,["say","room",1]');
  await returning;

  const said = back.take().filter((packet) => packet.includes('["said",1,'));
  expect(said.map((packet) => packet.slice(0, 4)).toSorted()).toEqual(['42/b', '42["']);
});
