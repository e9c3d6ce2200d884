/** Whatever dies whenever: a mailing that is carried until it succeeds reaches everybody, and no socket twice. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { carryMailing, type MailDeps } from '../../lambdas/app/carry-mailing.ts';
import type { Mailing, Reach } from '../../lambdas/ports/mail.ts';
import { createMailWorld, mailing, natives, sockets, UNTIL } from '../support/fakes/fake-mail.ts';
import { NOW } from '../support/fakes/world.ts';

const MINUTE = 60_000;

/** What one attempt meets: after how many calls it dies, and whether the last one takes effect. */
interface Fate {
  readonly calls: number;
  readonly last: 'done' | 'not done';
}

interface Seen {
  /** Times that each client got the event. */
  readonly got: Map<string, number>;
  readonly cut: Set<string>;
  readonly disowned: Set<string>;
}

const never = new Promise<never>(() => {});

/** A world in which sockets and connections count what they get, and every call may be the last. */
function mortal(world: MailDeps, seen: Seen, { fate, die }: { fate: Fate; die: () => void }): MailDeps {
  let calls = 0;
  const step = async <T>(effect: () => T | Promise<T>): Promise<T> => {
    const mine = (calls += 1);
    await new Promise((resolve) => setImmediate(resolve));
    if (mine > fate.calls + 1) return never;
    if (mine > fate.calls) {
      if (fate.last === 'done') await effect();
      die();
      return never;
    }
    return effect();
  };
  const get = (name: string) => void seen.got.set(name, (seen.got.get(name) ?? 0) + 1);
  return {
    ...world,
    mail: {
      take: (...args) => step(() => world.mail.take(...args)),
      note: (...args) => step(() => world.mail.note(...args)),
      finish: (...args) => step(() => world.mail.finish(...args)),
    },
    gateway: {
      ...world.gateway,
      post: ({ connectionId }) => step(() => (get(connectionId), 'sent' as const)),
    },
    socketMail: {
      telling: (content) => {
        const tell = world.socketMail.telling(content);
        return (to) =>
          step(async () => {
            const reach = await tell(to);
            if (reach === 'sent') get(to.entry.socketId);
            return reach;
          });
      },
      disown: ({ entry }) => step(() => (seen.disowned.add(entry.socketId), 'here' as const)),
      cut: ({ entry }) => step(() => (seen.cut.add(entry.socketId), 'cut' as const)),
    },
  };
}

async function attempt(world: MailDeps, seen: Seen, run: { of: Mailing; fate: Fate }): Promise<boolean> {
  let die = () => {};
  const died = new Promise<'died'>((resolve) => {
    die = () => resolve('died');
  });
  const deps = mortal(world, seen, { fate: run.fate, die });
  const carried = carryMailing(deps, run.of, world.now() + UNTIL).then(
    () => 'carried' as const,
    () => 'failed' as const,
  );
  return (await Promise.race([carried, died])) === 'carried';
}

const fates = fc.array(
  fc.record({ calls: fc.nat(260), last: fc.constantFrom('done' as const, 'not done' as const) }),
  { maxLength: 4 },
);
const faults = fc.dictionary(
  fc.nat(119).map((n) => `s${n}`),
  fc.array(fc.constantFrom<Reach>('refused', 'unknown'), { minLength: 1, maxLength: 3 }),
  { maxKeys: 4 },
);

describe('a mailing whose invocations die', () => {
  test('reaches each connection, and each socket exactly once or by its coming back', async () => {
    await fc.assert(
      fc.asyncProperty(fates, faults, fc.boolean(), async (deaths, refusals, late) => {
        const world = createMailWorld();
        for (const [name, reaches] of Object.entries(refusals))
          world.socketMail.reach.set(name, [...reaches]);
        const seen: Seen = { got: new Map(), cut: new Set(), disowned: new Set() };
        const of = mailing({ natives: natives(20), sockets: sockets(120), late });

        let isDone = false;
        for (const fate of [...deaths, { calls: Infinity, last: 'done' as const }]) {
          isDone = await attempt(world, seen, { of, fate });
          if (isDone) break;
          world.clock.at += MINUTE;
        }

        expect(isDone).toBe(true);
        for (const { connectionId } of of.natives) expect(seen.got.get(connectionId)).toBeGreaterThan(0);
        for (const { entry } of of.sockets) {
          const times = seen.got.get(entry.socketId) ?? 0;
          expect(times).toBeLessThanOrEqual(1);
          const isCut = seen.cut.has(entry.socketId);
          if (times === 0) expect(isCut).toBe(true);
          // What such a client reports says nothing any more.
          if (isCut) expect(seen.disowned.has(entry.socketId)).toBe(true);
        }
      }),
      { numRuns: 150 },
    );
  });

  test('twice at the same time is carried by one of them', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const world = createMailWorld();
        const told: string[] = [];
        const deps: MailDeps = {
          ...world,
          mail: {
            take: (...args) => scheduler.schedule(Promise.resolve()).then(() => world.mail.take(...args)),
            note: (...args) => scheduler.schedule(Promise.resolve()).then(() => world.mail.note(...args)),
            finish: (...args) => scheduler.schedule(Promise.resolve()).then(() => world.mail.finish(...args)),
          },
          socketMail: {
            ...world.socketMail,
            telling: () => async (to) => {
              await scheduler.schedule(Promise.resolve());
              told.push(to.entry.socketId);
              return 'sent';
            },
          },
        };
        const of = mailing({ sockets: sockets(5) });
        const both = Promise.allSettled([
          carryMailing(deps, of, NOW + UNTIL),
          carryMailing(deps, of, NOW + UNTIL),
        ]);
        await scheduler.waitFor(both);
        expect((await both).some(({ status }) => status === 'fulfilled')).toBe(true);
        expect(told.toSorted()).toEqual(['s0', 's1', 's2', 's3', 's4']);
      }),
      { numRuns: 50 },
    );
  });
});
