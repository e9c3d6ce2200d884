import { describe, expect, test } from 'vitest';

import { createDelivery } from '../../../compat/audience/delivery.ts';
import { sleep } from '../../../compat/sleep.ts';
import { createSocketMail } from '../../../compat/audience/socket-mail.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import { InDoubt } from '../../../lambdas/domain/in-doubt.ts';
import type { PostOutcome } from '../../../lambdas/ports/gateway.ts';
import type { SocketAddress } from '../../../lambdas/ports/mail.ts';
import type { EngineSession } from '../../../lambdas/ports/socketio.ts';
import { somePolling, someSid, someSocket, someWebSocket } from '../../contract/socketio-data.ts';
import { event } from '../../support/fakes/fake-mail.ts';
import { failing, UNAVAILABLE } from '../../support/fakes/failing.ts';
import { createFixedClock, createRecordingLog } from '../../support/fakes/fake-runtime.ts';
import { HOUR, NOW } from '../../support/fakes/world.ts';

const ROOM = { nsp: '/', room: '#room-1' };

function createStage({ recovery = true } = {}) {
  const clock = createFixedClock(NOW);
  const stores = createMemorySocketIoStores(clock);
  const log = createRecordingLog();
  const posts: [ConnectionId, string][] = [];
  const closed: ConnectionId[] = [];
  const answers: (PostOutcome | Error)[] = [];
  const connections = {
    async post(connectionId: ConnectionId, frame: string): Promise<PostOutcome> {
      const answer = answers.shift() ?? 'sent';
      if (answer instanceof Error) throw answer;
      if (answer === 'sent') posts.push([connectionId, frame]);
      return answer;
    },
    close: async (connectionId: ConnectionId) => void closed.push(connectionId),
  };
  const deps = {
    ...stores,
    connections,
    clock,
    log,
    recovery,
    words: () => ({ say: () => [['said', { text: 'hello' }] as const, ['told', {}] as const] }),
    deliver: createDelivery({ ...stores, connections, clock, pause: sleep }),
  };
  async function socket(opened: EngineSession = someWebSocket()): Promise<SocketAddress> {
    const stored = someSocket({ rooms: [ROOM.room] });
    await stores.sessions.open({ ...opened, sockets: { '/': stored } }, NOW + HOUR);
    const { sid, connectionId } = opened;
    const entry = { socketId: stored.id, sid, ...(connectionId !== undefined && { connectionId }) };
    for (const place of [{ nsp: '/' }, ROOM]) await stores.sockets.add(place, entry, NOW + HOUR);
    return { place: ROOM, entry };
  }
  const pidOf = async ({ entry }: SocketAddress) => (await stores.sessions.get(entry.sid))?.sockets['/']?.pid;
  return { mail: createSocketMail(deps), deps, stores, log, posts, closed, answers, socket, pidOf };
}

describe('telling a socket', () => {
  test('in its words, or what the application has encoded', async () => {
    const stage = createStage({ recovery: false });
    const to = await stage.socket();
    expect(await stage.mail.telling({ event })(to)).toBe('sent');
    expect(await stage.mail.telling({ packets: ['42["a"]'] })(to)).toBe('sent');
    expect(await stage.mail.telling({ packets: [] })(to)).toBe('unspoken');
    expect(stage.posts.map(([, frame]) => frame)).toEqual([
      '42["said",{"text":"hello"}]',
      '42["told",{}]',
      '42["a"]',
    ]);
  });

  test.each([
    ['gone', 'gone'],
    ['throttled', 'refused'],
    ['too-large', 'lost'],
    [UNAVAILABLE, 'refused'],
    [new InDoubt('timeout'), 'unknown'],
  ] as const)('that ends with %s is %s', async (answer, reach) => {
    const stage = createStage();
    stage.answers.push(answer);
    expect(await stage.mail.telling({ event })(await stage.socket())).toBe(reach);
  });

  test.each(['throttled', UNAVAILABLE] as const)(
    'of which a part was sent when it ended with %s, may be known to the client',
    async (answer) => {
      const stage = createStage();
      stage.answers.push('sent', answer);
      expect(await stage.mail.telling({ event })(await stage.socket())).toBe('unknown');
    },
  );

  test('that polls, whose outbox did not answer, may have stored it', async () => {
    const stage = createStage();
    const { sessions } = failing({ sessions: stage.stores.sessions }, ['sessions.enqueue'], 'after');
    const { connections, clock } = stage.deps;
    const deliver = createDelivery({ ...stage.stores, sessions, connections, clock, pause: sleep });
    const mail = createSocketMail({ ...stage.deps, deliver });
    expect(await mail.telling({ event })(await stage.socket(somePolling()))).toBe('unknown');
  });

  test('that is gone ends its entry, and is gone though that fails', async () => {
    const stage = createStage();
    const [one, other] = [await stage.socket(), await stage.socket()];
    stage.answers.push('gone', 'gone');
    expect(await stage.mail.telling({ event })(one)).toBe('gone');
    expect(await stage.stores.sockets.list(ROOM, NOW)).toEqual([other.entry]);
    const remove = () => Promise.reject(UNAVAILABLE);
    const broken = createSocketMail({ ...stage.deps, sockets: { ...stage.stores.sockets, remove } });
    expect(await broken.telling({ event })(other)).toBe('gone');
    expect(stage.log.at('warn')).toEqual(['the entry of a socket that is gone stays']);
  });
});

describe('disowning a socket', () => {
  test('takes its right to recover where it is, again and again', async () => {
    const stage = createStage();
    const to = await stage.socket();
    expect(await stage.mail.disown(to)).toBe('here');
    expect(await stage.mail.disown(to)).toBe('here');
    expect(await stage.pidOf(to)).toBeUndefined();
  });

  test('finds it where it has recovered', async () => {
    const stage = createStage();
    const to = await stage.socket();
    const now = someWebSocket({ sockets: { '/': someSocket({ id: to.entry.socketId }) } });
    await stage.stores.sessions.open(now, NOW + HOUR);
    await stage.stores.sockets.add({ nsp: '/' }, { socketId: to.entry.socketId, sid: now.sid }, NOW + HOUR);
    expect(await stage.mail.disown(to)).toBe('moved');
    expect((await stage.stores.sessions.get(now.sid))?.sockets['/']).not.toHaveProperty('pid');
  });

  test('that is nowhere needs nothing', async () => {
    const stage = createStage();
    const to = await stage.socket();
    await stage.stores.sockets.remove({ nsp: '/' }, to.entry);
    expect(await stage.mail.disown(to)).toBe('gone');
  });

  test('that the index is behind of, or can’t be asked for, is not known', async () => {
    const stage = createStage();
    const to = await stage.socket();
    const { pid = '' } = (await stage.stores.sessions.get(to.entry.sid))!.sockets['/']!;
    await stage.stores.sessions.claim(to.entry.sid, '/', pid);
    expect(await stage.mail.disown(to)).toBe('unknown');
    const find = () => Promise.reject(UNAVAILABLE);
    const broken = createSocketMail({ ...stage.deps, sockets: { ...stage.stores.sockets, find } });
    expect(await broken.disown(to)).toBe('unknown');
    expect(stage.log.at('warn')).toEqual(['a socket could not be disowned or cut']);
  });

  test('is nothing where nobody recovers', async () => {
    const stage = createStage({ recovery: false });
    expect(await stage.mail.disown(await stage.socket())).toBe('here');
  });
});

describe('cutting a socket', () => {
  test('closes its connection', async () => {
    const stage = createStage();
    const to = await stage.socket();
    expect(await stage.mail.cut(to)).toBe('cut');
    expect(stage.closed).toEqual([to.entry.connectionId]);
  });

  test('that polls says so in its outbox, once more if need be', async () => {
    const stage = createStage();
    const to = await stage.socket(somePolling());
    expect(await stage.mail.cut(to)).toBe('cut');
    expect((await stage.stores.sessions.get(to.entry.sid))?.outbox).toEqual(['1']);
    expect(stage.closed).toEqual([]);
  });

  test('that has moved closes the connection it has now', async () => {
    const stage = createStage();
    const { place, entry } = await stage.socket();
    const { connectionId: _connectionId, ...polling } = entry;
    expect(await stage.mail.cut({ place, entry: { ...polling, socketId: 'nowhere' } })).toBe('cut');
    expect(stage.closed).toEqual([entry.connectionId]);
    const moved = { ...entry, connectionId: 'new=' as ConnectionId };
    await stage.stores.sockets.add({ nsp: '/' }, moved, NOW + HOUR);
    await stage.mail.cut({ place, entry });
    expect(stage.closed).toEqual([entry.connectionId, 'new=']);
  });

  test('that has ended is cut; what fails is not known', async () => {
    const stage = createStage();
    expect(await stage.mail.cut({ place: ROOM, entry: { socketId: 'x', sid: someSid() } })).toBe('cut');
    const close = () => Promise.reject(UNAVAILABLE);
    const broken = createSocketMail({ ...stage.deps, connections: { close } });
    expect(await broken.cut(await stage.socket())).toBe('unknown');
  });
});
