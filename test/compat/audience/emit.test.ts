import { expect, test } from 'vitest';

import { createEmit, type Emission } from '../../../compat/audience/emit.ts';
import { timeOfOffset } from '../../../lambdas/domain/offset.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { EngineId, Place, SocketEntry } from '../../../lambdas/ports/socketio.ts';
import { createFixedClock, createRecordingLog } from '../../support/fakes/fake-runtime.ts';
import { NOW } from '../../support/fakes/world.ts';

const HOUR = 3_600_000;
const emission = (over: Partial<Emission> = {}): Emission => ({
  namespace: '/',
  rooms: ['room-1'],
  event: 'ping',
  args: [1, { two: 2 }],
  id: 'call-1',
  ...over,
});

async function stage(
  sockets: readonly (readonly [id: string, ...places: Place[]])[],
  options: { readonly recovery?: { readonly keepMs: number } } = {},
) {
  const stores = createMemorySocketIoStores(createFixedClock(NOW));
  const log = createRecordingLog();
  const told: (readonly [string, readonly string[]])[] = [];
  const outcomes = new Map<string, 'gone' | 'lost' | Error>();
  for (const [id, ...places] of sockets) {
    const entry: SocketEntry = { socketId: id, sid: `sid-${id}` as EngineId };
    for (const place of places) await stores.sockets.add(place, entry, NOW + HOUR);
  }
  const emit = createEmit({
    ...stores,
    deliver: async ({ socketId }, packets) => {
      const outcome = outcomes.get(socketId) ?? 'sent';
      if (outcome instanceof Error) throw outcome;
      if (outcome === 'sent') told.push([socketId, packets]);
      return outcome;
    },
    clock: createFixedClock(NOW),
    log,
    ...options,
  });
  return { emit, told, stores, outcomes, log };
}

const at = (room?: string, nsp = '/'): Place => (room === undefined ? { nsp } : { nsp, room });

test('a room is that of Socket.IO, the chat room of that name, and the user of that other name; each socket is told once', async () => {
  const { emit, told } = await stage([
    ['raw', at('room-1')],
    ['chat', at('#room-1')],
    ['both', at('room-1'), at('#room-1'), at('anna')],
    ['user', at('anna')],
    ['elsewhere', at('room-2')],
    ['other namespace', at('room-1', '/chat')],
  ]);
  expect(await emit(emission({ rooms: ['room-1', 'user_anna'] }))).toEqual({ sent: 4, gone: 0, failed: 0 });
  expect(told.map(([id]) => id).toSorted()).toEqual(['both', 'chat', 'raw', 'user']);
  expect(told[0]![1]).toEqual(['42["ping",1,{"two":2}]']);
});

test('without a room everybody in the namespace is told', async () => {
  const { emit, told } = await stage([
    ['one', at(undefined, '/chat')],
    ['two', at(undefined, '/chat'), at('x', '/chat')],
    ['elsewhere', at()],
  ]);
  await emit(emission({ namespace: '/chat', rooms: [] }));
  expect(told.map(([id]) => id).toSorted()).toEqual(['one', 'two']);
  expect(told[0]![1]).toEqual(['42/chat,["ping",1,{"two":2}]']);
});

test('whoever is gone is forgotten, and what fails holds nobody up', async () => {
  const { emit, outcomes, stores, told, log } = await stage([
    ['gone', at('room-1')],
    ['full', at('room-1')],
    ['broken', at('room-1')],
    ['well', at('room-1')],
  ]);
  outcomes.set('gone', 'gone').set('full', 'lost').set('broken', new Error('x'));
  expect(await emit(emission())).toEqual({ sent: 1, gone: 1, failed: 2 });
  expect(told.map(([id]) => id)).toEqual(['well']);
  const left = (await stores.sockets.list(at('room-1'), NOW)).map(({ socketId }) => socketId);
  expect(left.toSorted()).toEqual(['broken', 'full', 'well']);
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
});

test('with recovery it is kept for those who come back, under the offset that clients were given', async () => {
  const { emit, told, stores } = await stage([['one', at('room-1')]], { recovery: { keepMs: HOUR } });
  await emit(emission());
  const [packet] = told[0]![1];
  const offset = (JSON.parse(packet!.slice(2)) as string[]).at(-1)!;
  expect(timeOfOffset(offset)).toBeDefined();
  const kept = await stores.packets.since(at('room-1'), '0', NOW);
  expect(kept).toEqual([{ offset, data: `["ping",1,{"two":2},"${offset}"]`, except: [] }]);
  await emit(emission({ id: 'call-2' }));
  expect(await stores.packets.since(at('room-1'), '0', NOW)).toHaveLength(2);
});
