import { describe, expect, test } from 'vitest';

import { FanOut } from '../../../compat/adapter/fan-out.ts';
import type { Selection } from '../../../compat/adapter/targets.ts';
import { Pending } from '../../../compat/server/pending.ts';
import type { RuntimeDeps, Sessions } from '../../../compat/types.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import { InDoubt } from '../../../lambdas/domain/in-doubt.ts';
import type { EngineId } from '../../../lambdas/ports/socketio.ts';
import { createFakePostman } from '../../support/fakes/fake-mail.ts';
import { UNAVAILABLE } from '../../support/fakes/failing.ts';
import { createFixedClock, createRecordingLog } from '../../support/fakes/fake-runtime.ts';
import { HOUR, NOW } from '../../support/fakes/world.ts';

const to = (...rooms: readonly string[]): Selection => ({
  nsp: '/',
  rooms: new Set(rooms),
  except: new Set(),
});
const A = ['42["a"]'];
const B = ['42["b"]'];

/** Sockets `s0` … in room `all`, of which the first three are in room `few`, and one invocation that tells three itself. */
async function createStage(count: number, direct = 3) {
  const clock = createFixedClock(NOW);
  const stores = createMemorySocketIoStores(clock);
  const log = createRecordingLog();
  const postman = createFakePostman(direct);
  const posts: string[] = [];
  const ended: string[] = [];
  const outcomes = new Map<string, Awaited<ReturnType<Sessions['deliver']>> | Error>();
  const sessions: Sessions = {
    async deliver({ socketId }, packets) {
      const outcome = outcomes.get(socketId) ?? 'sent';
      if (outcome instanceof Error) throw outcome;
      if (outcome === 'sent') posts.push(`${socketId} ${packets.join('+')}`);
      return outcome;
    },
    async end(sid, reason) {
      ended.push(`${sid} ${reason}`);
    },
  };
  for (let n = 0; n < count; n += 1) {
    const entry = { socketId: `s${n}`, sid: `sid-${n}` as EngineId };
    for (const room of n < 3 ? ['all', 'few'] : ['all'])
      await stores.sockets.add({ nsp: '/', room }, entry, NOW + HOUR);
  }
  const deps = { stores, sessions, clock, log, postman, options: {} } as unknown as RuntimeDeps;
  const work = new Pending();
  const fanOut = new FanOut(deps, work);
  const sent = () =>
    postman.sent.map(({ content, sockets, doubtful, late }) => ({
      packets: 'packets' in content ? content.packets : [],
      sockets: sockets.map(({ entry }) => entry.socketId).toSorted(),
      doubtful: doubtful.map(({ entry }) => entry.socketId),
      late,
    }));
  return { fanOut, work, log, postman, posts, ended, outcomes, sent };
}

describe('a broadcast to a crowd', () => {
  test('is handed over, and is part of the invocation’s work until it has been', async () => {
    const { fanOut, work, posts, sent, postman } = await createStage(5);
    void fanOut.spread(to('all'), A, false);
    await work.settled();
    expect(posts).toEqual([]);
    expect(sent()).toEqual([
      { packets: A, sockets: ['s0', 's1', 's2', 's3', 's4'], doubtful: [], late: false },
    ]);
    expect(postman.sent[0]).toMatchObject({ at: NOW, natives: [], fleeting: false });
    expect(postman.sent[0]?.sockets[0]?.place).toEqual({ nsp: '/', room: 'all' });
  });

  test('keeps its order with others of the same breath, large or small', async () => {
    const { fanOut, work, posts, sent } = await createStage(4);
    void fanOut.spread(to('all'), A, false);
    void fanOut.spread(to('few'), B, false);
    await work.settled();
    expect(posts).toEqual([]);
    expect(sent()).toEqual([
      { packets: [...A, ...B], sockets: ['s0', 's1', 's2'], doubtful: [], late: false },
      { packets: A, sockets: ['s3'], doubtful: [], late: false },
    ]);
  });

  test('that nobody need have may be lost', async () => {
    const { fanOut, work, postman } = await createStage(4);
    void fanOut.spread(to('all'), A, true);
    await work.settled();
    expect(postman.sent).toMatchObject([{ fleeting: true }]);
  });

  test('is told here when nobody takes it over, and not when somebody may have', async () => {
    const refused = await createStage(4);
    refused.postman.refuse = UNAVAILABLE;
    void refused.fanOut.spread(to('all'), A, false);
    await refused.work.settled();
    expect(refused.posts.toSorted()).toEqual(['s0 42["a"]', 's1 42["a"]', 's2 42["a"]', 's3 42["a"]']);
    expect(refused.log.at('warn')).toContain('a mailing could not be handed over');

    const unknown = await createStage(4);
    unknown.postman.refuse = new InDoubt('timeout');
    void unknown.fanOut.spread(to('all'), A, false);
    await unknown.work.settled();
    expect(unknown.posts).toEqual([]);
  });

  test('that is answered is posted here', async () => {
    const { fanOut, posts, postman } = await createStage(4);
    expect(await fanOut.broadcast(to('all'), A)).toHaveLength(4);
    expect(posts).toHaveLength(4);
    expect(postman.sent).toEqual([]);
  });
});

describe('a broadcast to a few', () => {
  test('is posted here', async () => {
    const { fanOut, work, posts, postman } = await createStage(3);
    void fanOut.spread(to('all'), A, false);
    await work.settled();
    expect(posts).toHaveLength(3);
    expect(postman.sent).toEqual([]);
  });

  test('leaves those who could not be told, or may have been, to others', async () => {
    const { fanOut, work, outcomes, sent } = await createStage(6, 100);
    outcomes
      .set('s0', 'throttled')
      .set('s1', 'partly')
      .set('s2', UNAVAILABLE)
      .set('s3', new InDoubt('timeout'))
      .set('s4', 'too-large');
    void fanOut.spread(to('all'), A, false);
    await work.settled();
    expect(sent()).toEqual([{ packets: A, sockets: ['s0', 's2'], doubtful: ['s1', 's3'], late: true }]);
  });

  test.each([UNAVAILABLE, new InDoubt('timeout')])(
    'ends the sessions of those whom nobody surely takes over: %s',
    async (refuse) => {
      const { fanOut, work, outcomes, ended, postman } = await createStage(4, 100);
      postman.refuse = refuse;
      outcomes.set('s0', 'throttled').set('s1', 'partly').set('s2', 'gone');
      void fanOut.spread(to('all'), A, false);
      await work.settled();
      expect(ended.toSorted()).toEqual(['sid-0 transport close', 'sid-1 transport close']);
    },
  );

  test('that nobody need have leaves nobody', async () => {
    const { fanOut, work, outcomes, sent } = await createStage(2, 100);
    outcomes.set('s0', 'throttled');
    void fanOut.spread(to('all'), A, true);
    await work.settled();
    expect(sent()).toEqual([]);
  });

  test('in a deployment without anybody else loses them', async () => {
    const { fanOut, work, outcomes, postman, log } = await createStage(2, 100);
    Reflect.set(Reflect.get(fanOut, 'parcels') as object, 'postman', undefined);
    outcomes.set('s0', 'throttled');
    void fanOut.spread(to('all'), A, false);
    await work.settled();
    expect(postman.sent).toEqual([]);
    expect(log.at('error')).toEqual([]);
  });
});
