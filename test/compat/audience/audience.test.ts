import { Decoder, PacketType, type Packet } from 'socket.io-parser';
import { describe, expect, test } from 'vitest';

import { createAudience } from '../../../compat/audience/create-audience.ts';
import { createDelivery } from '../../../compat/audience/delivery.ts';
import { sleep } from '../../../compat/sleep.ts';
import { offsetOf } from '../../../compat/audience/offset.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { DomainEvent } from '../../../lambdas/domain/events.ts';
import type { ConnectionId, UserId } from '../../../lambdas/domain/ids.ts';
import { socketRoomOf, type ChatSettings } from '../../../lambdas/manifest/dialects.ts';
import { FAN_OUT } from '../../../lambdas/manifest/limits.ts';
import type { PostOutcome } from '../../../lambdas/ports/gateway.ts';
import type { EngineId, EngineSession, SocketEntry } from '../../../lambdas/ports/socketio.ts';
import { NOBODY } from '../../support/fakes/fake-audience.ts';
import { createFixedClock, createRecordingLog } from '../../support/fakes/fake-runtime.ts';
import { message, NOW, OTHER_ROOM, ROOM, userId } from '../../support/fakes/world.ts';
import { somePolling, someSid, someSocket, someWebSocket } from '../../contract/socketio-data.ts';

const SETTINGS: ChatSettings = {
  namespaces: { '/': ['messenger', 'chats', 'notifications'], '/chat': ['rooms'], '/n': ['notifications'] },
};
const HOUR = 3_600_000;
type Stage = ReturnType<typeof createStage>;
const created: DomainEvent = { kind: 'message.created', message: message() };

interface SocketOptions {
  readonly nsp?: string;
  readonly user?: UserId;
  readonly rooms?: readonly string[];
  readonly tag?: string;
  readonly polling?: boolean;
}

function createStage({ recovery = false } = {}) {
  const stores = createMemorySocketIoStores(createFixedClock(NOW));
  const log = createRecordingLog();
  const posts: { readonly connectionId: ConnectionId; readonly frame: string }[] = [];
  const answers = new Map<ConnectionId, PostOutcome | Error>();
  const spoken: string[] = [];
  const closed: ConnectionId[] = [];
  const flight = { now: 0, peak: 0 };
  const connections = {
    async post(connectionId: ConnectionId, frame: string): Promise<PostOutcome> {
      flight.peak = Math.max(flight.peak, (flight.now += 1));
      await Promise.resolve();
      flight.now -= 1;
      const answer = answers.get(connectionId) ?? 'sent';
      if (answer instanceof Error) throw answer;
      if (answer === 'sent') posts.push({ connectionId, frame });
      return answer;
    },
    close: async (connectionId: ConnectionId) => void closed.push(connectionId),
  };
  const clock = createFixedClock(NOW);
  const deps: Parameters<typeof createAudience>[0] = {
    ...stores,
    settings: SETTINGS,
    words: (nsp) => ({
      say(event, pin) {
        spoken.push(`${nsp} ${event.kind} ${pin}`);
        if (event.kind === 'room.left') return [];
        if (event.kind === 'room.joined') throw new Error('a fault');
        const payload = { text: 'zażółć', at: event.kind };
        const words = pin === undefined ? ['any', 'other'] : [pin];
        return words.map((word) => [word, payload] as const);
      },
    }),
    deliver: createDelivery({ ...stores, connections, clock, pause: sleep }),
    connections,
    clock,
    recovery,
    log,
  };
  const audience = createAudience(deps);
  async function socket(options: SocketOptions = {}): Promise<SocketEntry> {
    const { nsp = '/', user = userId('anna'), rooms = [socketRoomOf(ROOM)], tag, polling = false } = options;
    const stored = someSocket({ rooms: [user, ...rooms], ...(tag !== undefined && { tag }) });
    const opened: EngineSession = polling ? somePolling() : someWebSocket();
    await stores.sessions.open({ ...opened, sockets: { [nsp]: stored } }, NOW + HOUR);
    const { sid, connectionId } = opened;
    const entry = {
      socketId: stored.id,
      sid,
      ...(connectionId !== undefined && { connectionId }),
      ...(tag !== undefined && { tag }),
    };
    for (const room of stored.rooms) await stores.sockets.add({ nsp, room }, entry, NOW + HOUR);
    return entry;
  }
  const inRoom = () => audience.inRoom(ROOM, NOW);
  const listed = (nsp = '/') => stores.sockets.list({ nsp, room: socketRoomOf(ROOM) }, NOW);
  return {
    audience,
    stores,
    log,
    posts,
    answers,
    spoken,
    flight,
    closed,
    socket,
    inRoom,
    listed,
    deps: { ...deps, connections },
  };
}

/** As a stock client reads it. */
function parse(frame: string): Packet {
  const decoder = new Decoder();
  let packet: Packet | undefined;
  decoder.on('decoded', (decoded: Packet) => {
    packet = decoded;
  });
  expect(frame.startsWith('4')).toBe(true);
  decoder.add(frame.slice(1));
  return packet!;
}

describe('a gathering', () => {
  test('is told in packets that a stock client reads, in each namespace by its own path', async () => {
    const stage = createStage();
    const [main, chat] = [await stage.socket({ tag: 'chats' }), await stage.socket({ nsp: '/chat' })];

    const summary = await (await stage.inRoom()).say(created);

    expect(summary).toEqual({ sent: 2, gone: 0, failed: 0, unspoken: 0 });
    const payload = { text: 'zażółć', at: 'message.created' };
    const packetsTo = ({ connectionId }: SocketEntry) =>
      stage.posts.filter((post) => post.connectionId === connectionId).map(({ frame }) => parse(frame));
    expect(packetsTo(main)).toEqual([{ type: PacketType.EVENT, nsp: '/', data: ['chats', payload] }]);
    // It settled on no vocabulary, so it is told twice, in order.
    expect(packetsTo(chat)).toEqual([
      { type: PacketType.EVENT, nsp: '/chat', data: ['any', payload] },
      { type: PacketType.EVENT, nsp: '/chat', data: ['other', payload] },
    ]);
  });

  test('is encoded for once per namespace and tag, and posted to within bounds', async () => {
    const stage = createStage();
    const sockets = Array.from({ length: FAN_OUT.concurrency * 2 }, (_, n) =>
      stage.socket({ tag: n % 2 === 0 ? 'chats' : 'messenger' }),
    );
    await Promise.all(sockets);
    await (await stage.inRoom()).say(created);
    expect(stage.spoken.toSorted()).toEqual(['/ message.created chats', '/ message.created messenger']);
    expect(stage.posts).toHaveLength(sockets.length);
    expect(stage.flight.peak).toBe(FAN_OUT.concurrency);
  });

  test('leaves out who caused the event', async () => {
    const stage = createStage();
    const [author] = [await stage.socket({ tag: 'chats' }), await stage.socket({ tag: 'chats' })];
    expect(await (await stage.inRoom()).say(created, author.socketId)).toMatchObject({ sent: 1 });
    expect(stage.posts.map(({ connectionId }) => connectionId)).not.toContain(author.connectionId);
  });

  test('holds each socket once, wherever it was found', async () => {
    const stage = createStage();
    await stage.socket({ tag: 'chats', rooms: [socketRoomOf(ROOM), socketRoomOf(OTHER_ROOM)] });
    await stage.socket({ tag: 'chats', rooms: [socketRoomOf(OTHER_ROOM)] });
    const both = (await stage.inRoom()).and(await stage.audience.inRoom(OTHER_ROOM, NOW));
    expect(both.size).toBe(2);
    expect(await both.say(created)).toMatchObject({ sent: 2 });
  });

  test('keeps packets for those who poll, and reaches those who have moved since', async () => {
    const stage = createStage();
    const polling = await stage.socket({ polling: true, tag: 'chats' });
    const moved = await stage.socket({ polling: true, tag: 'chats' });
    const connectionId = 'c-moved' as ConnectionId;
    await stage.stores.sessions.probe(moved.sid, { connectionId, at: NOW });
    await stage.stores.sessions.upgrade(moved.sid, connectionId, NOW + HOUR);
    await stage.stores.sockets.add({ nsp: '/' }, { ...moved, connectionId }, NOW + HOUR);
    await (await stage.inRoom()).say(created);
    expect((await stage.stores.sessions.get(polling.sid))?.outbox).toHaveLength(1);
    expect(stage.posts).toMatchObject([{ connectionId }]);
  });

  test('has no word for some events, and costs no post then', async () => {
    const stage = createStage();
    await stage.socket();
    const left: DomainEvent = { kind: 'room.left', roomId: ROOM, userId: userId('anna') };
    expect(await (await stage.inRoom()).say(left)).toMatchObject({ sent: 0, unspoken: 1 });
    expect(stage.posts).toEqual([]);
  });

  test('drops the entry of a socket that is gone; nobody else notices', async () => {
    const stage = createStage();
    const [gone, fine] = [await stage.socket({ tag: 'chats' }), await stage.socket({ tag: 'chats' })];
    stage.answers.set(gone.connectionId!, 'gone');
    expect(await (await stage.inRoom()).say(created)).toMatchObject({ sent: 1, gone: 1 });
    expect(await stage.listed()).toEqual([fine]);
  });

  test.each(['throttled', 'too-large', new Error('no network')] as const)(
    'survives a post that ends as %s',
    async (answer) => {
      const stage = createStage();
      const [unlucky] = [await stage.socket({ tag: 'chats' }), await stage.socket({ tag: 'chats' })];
      stage.answers.set(unlucky.connectionId!, answer);
      expect(await (await stage.inRoom()).say(created)).toMatchObject({ sent: 1, failed: 1 });
      expect(await stage.listed()).toHaveLength(2);
      expect(stage.log.at('warn')).toHaveLength(1);
    },
  );

  test('survives a vocabulary with a fault', async () => {
    const stage = createStage();
    await stage.socket();
    const joined: DomainEvent = { kind: 'room.joined', roomId: ROOM, userId: userId('anna') };
    expect(await (await stage.inRoom()).say(joined)).toMatchObject({ unspoken: 1 });
    expect(stage.log.at('error')).toHaveLength(1);
  });

  test('carries the offset of what is stored where recovery is on', async () => {
    const stage = createStage({ recovery: true });
    await stage.socket({ tag: 'chats' });
    const gathering = await stage.inRoom();
    await gathering.say(created);
    const typing = { roomId: ROOM, userId: userId('anna'), username: 'anna', isTyping: true };
    await gathering.say({ kind: 'typing.changed', ...typing });
    const [message, other] = stage.posts.map(({ frame }) => parse(frame).data as unknown[]);
    expect(message).toHaveLength(3);
    expect(message?.[2]).toBe(offsetOf(created));
    expect(other).toHaveLength(2);
  });
});

describe('who is found', () => {
  test('in a room: in every namespace where one can be in a room', async () => {
    const stage = createStage();
    await stage.socket();
    await stage.socket({ nsp: '/chat' });
    await stage.socket({ nsp: '/n' });
    await stage.socket({ rooms: [socketRoomOf(OTHER_ROOM)] });
    expect((await stage.inRoom()).size).toBe(2);
    expect((await stage.audience.inRoom(ROOM, NOW + HOUR)).size).toBe(0);
  });

  test('of a user: everywhere', async () => {
    const stage = createStage();
    for (const nsp of ['/', '/chat', '/n', '/elsewhere']) await stage.socket({ nsp });
    await stage.socket({ user: userId('ben') });
    expect((await stage.audience.ofUser(userId('anna'), NOW)).size).toBe(3);
  });

  test('a few in a room: all, or so many that one sees that they are too many', async () => {
    const stage = createStage();
    for (const nsp of ['/', '/chat', '/', '/chat']) await stage.socket({ nsp });
    const few = async (most: number) => (await stage.audience.fewInRoom(ROOM, NOW, most)).size;
    expect(await few(4)).toBe(4);
    expect(await few(3)).toBeGreaterThan(3);
    expect(await few(1)).toBeLessThan(4);
    expect(await few(0)).toBe(1);
  });

  test('without those of another gathering', async () => {
    const stage = createStage();
    const [anna] = [await stage.socket(), await stage.socket({ user: userId('ben'), tag: 'chats' })];
    const room = await stage.inRoom();
    const others = room.without(await stage.audience.ofUser(userId('anna'), NOW));
    expect(others.size).toBe(1);
    await others.say(created);
    expect(stage.posts.map(({ connectionId }) => connectionId)).not.toContain(anna?.connectionId);
    expect(room.without(NOBODY)).toBe(room);
  });

  describe('an open session of a user', () => {
    const anna = userId('anna');
    const open = (stage: Stage, known?: EngineId) => stage.audience.openSession(anna, NOW, known);

    test('is found in any namespace', async () => {
      const stage = createStage();
      expect(await open(stage)).toBeUndefined();
      await stage.socket({ user: userId('ben') });
      expect(await open(stage)).toBeUndefined();
      const { sid } = await stage.socket({ nsp: '/chat', rooms: [] });
      expect(await open(stage)).toBe(sid);
    });

    test('is the one known from before, and nothing else is asked', async () => {
      const stage = createStage();
      await stage.socket();
      const { sid } = await stage.socket();
      expect(await open(stage, sid)).toBe(sid);
      await stage.stores.sessions.close(sid, { reason: 'transport close', at: NOW }, NOW + HOUR);
      expect(await open(stage, sid)).not.toBe(sid);
    });

    test('is not what the index says alone: what a crash left there goes', async () => {
      const stage = createStage();
      const left = await stage.socket();
      await stage.stores.sessions.close(left.sid, { reason: 'transport close', at: NOW }, NOW + HOUR);
      await stage.stores.sockets.add(
        { nsp: '/', room: anna },
        { ...left, socketId: 'x', sid: someSid() },
        NOW + HOUR,
      );
      expect(await open(stage)).toBeUndefined();
      expect((await stage.audience.ofUser(anna, NOW)).size).toBe(0);
    });

    test('is not one whose socket has left, or is not stored yet; its entry stays', async () => {
      const stage = createStage();
      const { sid } = await stage.socket();
      await stage.stores.sessions.commit(sid, { disconnected: ['/'] });
      expect(await open(stage)).toBeUndefined();
      expect((await stage.audience.ofUser(anna, NOW)).size).toBe(1);
    });
  });

  test('evicted from a room: all sockets of one user, in row and index, and they are who is told', async () => {
    const stage = createStage();
    const [one, other] = [await stage.socket(), await stage.socket({ nsp: '/chat', polling: true })];
    const outside = await stage.socket({ rooms: [] });
    const ben = await stage.socket({ user: userId('ben') });

    const evicted = await stage.audience.evict(ROOM, userId('anna'), NOW);

    expect(evicted.size).toBe(2);
    expect(await stage.listed()).toEqual([ben]);
    expect(await stage.listed('/chat')).toEqual([]);
    const rowsOf = async ({ sid }: SocketEntry) =>
      Object.values((await stage.stores.sessions.get(sid))?.sockets ?? {}).map(({ rooms }) => rooms);
    expect(await rowsOf(one)).toEqual([[userId('anna')]]);
    expect(await rowsOf(other)).toEqual([[userId('anna')]]);
    expect(await rowsOf(outside)).toEqual([[userId('anna')]]);
    expect(await rowsOf(ben)).toEqual([[userId('ben'), socketRoomOf(ROOM)]]);
    expect((await stage.audience.ofUser(userId('anna'), NOW)).size).toBe(3);
  });

  test('evicted, too: who has just joined, of whom only the row or only the index knows yet', async () => {
    const stage = createStage();
    const [inRow, inIndex] = [await stage.socket(), await stage.socket({ rooms: [] })];
    const room = { nsp: '/', room: socketRoomOf(ROOM) };
    await stage.stores.sockets.remove(room, inRow);
    await stage.stores.sockets.add(room, inIndex, NOW + HOUR);
    expect((await stage.audience.evict(ROOM, userId('anna'), NOW)).size).toBe(2);
    expect(await stage.listed()).toEqual([]);
    expect((await stage.stores.sessions.get(inRow.sid))?.sockets['/']?.rooms).toEqual([userId('anna')]);
    expect((await stage.audience.evict(ROOM, userId('anna'), NOW)).size).toBe(0);
  });

  test('whom to evict is read strongly, whom to tell is not', async () => {
    const reads: unknown[] = [];
    const stores = createMemorySocketIoStores(createFixedClock(NOW));
    const audience = createAudience({
      sessions: stores.sessions,
      sockets: {
        ...stores.sockets,
        list: async (...[place, at, read]) => (reads.push(read), stores.sockets.list(place, at, read)),
      },
      settings: { namespaces: { '/': ['chats'] } },
      words: () => undefined,
      deliver: async () => 'sent',
      connections: { close: async () => {} },
      clock: createFixedClock(NOW),
      recovery: false,
      log: createRecordingLog(),
    });
    await audience.inRoom(ROOM, NOW);
    expect(reads.splice(0)).toEqual([undefined]);
    await audience.evict(ROOM, userId('anna'), NOW);
    expect(reads).toEqual(['strong', 'strong']);
  });
});

describe('sockets that can’t be told', () => {
  test('are cut without the right to recover, each for itself', async () => {
    const stage = createStage({ recovery: true });
    const [one, other] = [await stage.socket(), await stage.socket()];
    const place = { nsp: '/', room: socketRoomOf(ROOM) };
    for (const entry of [one, other]) await stage.stores.sockets.add({ nsp: '/' }, entry, NOW + HOUR);
    await stage.stores.sessions.close(one.sid, { reason: 'x', at: NOW }, NOW + HOUR);
    await stage.audience.drop([one, other].map((entry) => ({ place, entry })));
    expect(stage.closed).toEqual([one.connectionId, other.connectionId]);
    for (const { sid } of [one, other])
      expect((await stage.stores.sessions.get(sid))?.sockets['/']).not.toHaveProperty('pid');
  });

  test('and can’t be cut either, hold nobody up', async () => {
    const stage = createStage({ recovery: true });
    const entry = await stage.socket();
    const broken = createAudience({
      ...stage.deps,
      connections: { close: () => Promise.reject(new Error('reset')) },
    });
    await broken.drop([{ place: { nsp: '/' }, entry }]);
    expect(stage.log.at('warn')).toEqual(['a socket could not be disowned or cut']);
  });
});
