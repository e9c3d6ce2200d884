import { describe, expect, test } from 'vitest';

import { createMemoryStores } from '../../lambdas/adapters/memory/memory-stores.ts';
import { besides, createRateLimiter, limited, rateLimited, UNLIMITED } from '../../lambdas/app/rate-limit.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import { type ClientLimits, LIMITS } from '../../lambdas/manifest/limits.ts';
import type { BucketStore, Spending } from '../../lambdas/ports/buckets.ts';
import { createRecordingLog } from '../support/fakes/fake-runtime.ts';

const NOW = 1_767_323_045_000;
const limits = { ...LIMITS, perSocket: { perSecond: 1, burst: 20 }, perUser: { perSecond: 2, burst: 30 } };

/** Two instances and the rows they share. */
function createPair(over: Partial<ClientLimits> = {}) {
  const { buckets } = createMemoryStores();
  const spent: (Spending & { readonly key: string })[] = [];
  let fails = 0;
  const store: BucketStore = {
    spend(key, spending) {
      spent.push({ key, ...spending });
      if (fails-- > 0) return Promise.reject(new CausewayError('unavailable', 'no'));
      return buckets.spend(key, spending);
    },
  };
  const log = createRecordingLog();
  const make = (entries?: number) =>
    createRateLimiter({ buckets: store, limits: { ...limits, ...over }, log }, entries);
  return { here: make(), there: make(), make, spent, log, fail: (times: number) => (fails = times) };
}

type Limiter = ReturnType<typeof createRateLimiter>;
const anna = { of: { socket: 'c1', user: 'anna' }, at: NOW };

/** How many of so many were let in, one after another. */
async function send(limiter: Limiter, count: number, use: Parameters<Limiter['use']>[0] = anna) {
  let done = 0;
  for (let n = 0; n < count; n++) {
    const outcome = await limiter.use(use);
    if (!outcome.ok) continue;
    done += 1;
    await outcome.told;
  }
  return done;
}

describe('what somebody may do', () => {
  test('is what fits into the bucket, over all instances', async () => {
    const { here, there } = createPair();
    const done = (await send(here, 15)) + (await send(there, 15)) + (await send(here, 15));
    // An instance that does not know of the others may take one more, which comes off what comes back.
    expect([20, 21]).toContain(done);
    const later = { ...anna, at: NOW + 5_001 };
    const more = (await send(here, 9, later)) + (await send(there, 9, later));
    expect([25, 26]).toContain(done + more);
  });

  test('is bounded for a user, over all sockets', async () => {
    const { here } = createPair();
    const each = ['a', 'b', 'c'].map((socket) => ({ of: { socket, user: 'anna' }, at: NOW }));
    let done = 0;
    for (const use of each) done += await send(here, 20, use);
    expect(done).toBe(30);
  });

  test('is counted for those who are named', async () => {
    const { here, spent } = createPair();
    expect(await send(here, 50, { of: { socket: undefined }, at: NOW })).toBe(50);
    expect(spent).toEqual([]);
  });

  test('is a connect as often as an address has it', async () => {
    const { here } = createPair({ connectsPerAddress: { perSecond: 1, burst: 30 } });
    expect(await send(here, 40, { of: { connects: '192.0.2.1' }, at: NOW })).toBe(30);
    expect(await send(here, 1, { of: { connects: '192.0.2.2' }, at: NOW })).toBe(1);
  });

  test('is anything without a limit', async () => {
    expect(await UNLIMITED.use(anna)).toMatchObject({ ok: true });
  });
});

describe('the rows', () => {
  test('are not written for a first event, and not waited for while much is left', async () => {
    const { here, spent } = createPair({ perSocket: LIMITS.perSocket, perUser: LIMITS.perUser });
    const outcome = await here.use(anna);
    expect(outcome).toMatchObject({ ok: true });
    expect(spent).toEqual([]);
  });

  test('are told many at once, and outlive the bucket they stand for', async () => {
    const { here, spent } = createPair({ perSocket: LIMITS.perSocket, perUser: LIMITS.perUser });
    await send(here, 100);
    const [socket] = spent;
    expect(socket).toMatchObject({ key: 'socket:c1', at: NOW, ms: 400 });
    expect(socket!.expiresAt).toBe(NOW + 2 * 20_000 + 3_600_000);
    expect(spent.length).toBeLessThan(60);
  });

  test('that cannot be told are told next time, and nobody is refused for it', async () => {
    const { here, there, log, fail } = createPair();
    fail(2);
    expect(await send(here, 2)).toBe(2);
    expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(2);
    await send(here, 1);
    expect(await send(there, 20)).toBe(17);
  });

  test('that cannot be asked refuse nobody', async () => {
    const { here, fail } = createPair();
    await send(here, 20);
    const later = { ...anna, at: NOW + 2_000 };
    fail(1);
    expect(await send(here, 1, later)).toBe(1);
  });

  test('are asked in the end, and said to be busy only when that is certain', async () => {
    const { here, there, spent } = createPair();
    await send(here, 20);
    expect(spent.at(-1)).toMatchObject({ key: 'user:anna', notFull: true });
    spent.length = 0;
    await send(there, 1);
    expect(spent[0]).toMatchObject({ key: 'socket:c1', notFull: false });
  });

  test('give the one token that came back to one of two instances', async () => {
    const { here, there } = createPair();
    await send(here, 19);
    await send(there, 1);
    const later = { of: { socket: 'c1' }, at: NOW + 1_500 };
    expect(await send(here, 1, later)).toBe(1);
    expect(await there.use(later)).toMatchObject({ ok: false, retryAfterSeconds: 1, refused: 1 });
  });

  test('of who was not seen for longest are forgotten first', async () => {
    const { make, spent } = createPair({ perSocket: LIMITS.perSocket });
    const use = (socket: string) => ({ of: { socket }, at: NOW });
    const [small, large] = [make(1), make(2)];
    for (let n = 0; n < 10; n++) for (const socket of ['a', 'b']) await send(small, 1, use(socket));
    expect(spent).toEqual([]);
    for (let n = 0; n < 10; n++) for (const socket of ['a', 'b']) await send(large, 1, use(socket));
    expect(spent).not.toEqual([]);
  });
});

describe('a refusal', () => {
  test('says when to come back, in whole seconds and at least one', async () => {
    const { here, there } = createPair();
    await send(here, 20);
    expect(await here.use(anna)).toMatchObject({ ok: false, retryAfterSeconds: 1 });
    expect(await there.use({ ...anna, cost: 5 })).toMatchObject({ ok: true });
    expect(await here.use({ of: { socket: 'c1' }, at: NOW - 9_500 })).toMatchObject({
      ok: false,
      retryAfterSeconds: 11,
    });
  });

  test('is a flood when as many were refused as fit in', async () => {
    const { here } = createPair();
    await send(here, 20);
    const floods: boolean[] = [];
    for (let n = 0; n < 40; n++) {
      const outcome = await here.use(anna);
      if (!outcome.ok) floods.push(outcome.isFlood);
    }
    expect(floods.flatMap((isFlood, n) => (isFlood ? [n + 1] : []))).toEqual([20, 40]);
  });

  test('stands in the log for the first of a flood, then ever less, and names nobody', async () => {
    const { here, log } = createPair();
    await send(here, 20 + 17);
    const lines = log.lines.filter(({ level }) => level === 'info');
    expect(lines.map(({ fields }) => fields['refused'])).toEqual([1, 2, 4, 8, 16]);
    expect(JSON.stringify(log.lines)).not.toMatch(/c1|anna/);
  });

  test('is an error with what it says', async () => {
    const { here } = createPair();
    await send(here, 20);
    const error = await limited(here, anna, () => Promise.resolve('done')).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'rate_limited', retryAfterSeconds: 1 });
    expect(rateLimited({ ok: false, retryAfterSeconds: 7, refused: 1, isFlood: false }).message).toContain(
      '7 s',
    );
  });
});

describe('work on somebody’s allowance', () => {
  test('gives what it gives, once the rows know', async () => {
    expect(await limited(UNLIMITED, anna, () => Promise.resolve('done'))).toBe('done');
    let told = false;
    const telling = new Promise<void>((resolve) => setImmediate(resolve)).then(() => (told = true));
    expect(await besides(telling, () => Promise.resolve(told))).toBe(false);
    expect(told).toBe(true);
  });

  test('fails as it fails', async () => {
    const failing = limited(UNLIMITED, anna, () => Promise.reject(new Error('work')));
    await expect(failing).rejects.toThrow('work');
  });
});
