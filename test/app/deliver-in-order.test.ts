import { describe, expect, test } from 'vitest';

import { deliverInOrder, orInDoubt } from '../../lambdas/app/deliver-in-order.ts';
import { InDoubt } from '../../lambdas/domain/in-doubt.ts';
import type { PostOutcome } from '../../lambdas/ports/gateway.ts';
import { UNAVAILABLE } from '../support/fakes/failing.ts';

/** Sends as many packets as there are outcomes, and says how many were tried. */
async function deliver(...outcomes: readonly (PostOutcome | Error)[]) {
  let tried = 0;
  const ended = await deliverInOrder(
    outcomes.map((_, n) => String(n)),
    async () => {
      const outcome = outcomes[tried]!;
      tried += 1;
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
  ).catch((error: unknown) => error);
  return { ended, tried };
}

describe('packets that belong together', () => {
  test.each([
    [['sent', 'sent'], 'sent', 2],
    [[], 'sent', 0],
    [['gone', 'sent'], 'gone', 1],
    [['sent', 'gone'], 'gone', 2],
    [['too-large', 'sent'], 'too-large', 1],
    [['throttled', 'sent'], 'throttled', 1],
    [['sent', 'throttled', 'sent'], 'partly', 2],
    [[UNAVAILABLE, 'sent'], UNAVAILABLE, 1],
    [['sent', UNAVAILABLE, 'sent'], 'partly', 2],
  ] as const)('%j end as %s after %i', async (outcomes, ended, tried) => {
    expect(await deliver(...outcomes)).toEqual({ ended, tried });
  });
});

test('a write that fails may have been done', async () => {
  await expect(orInDoubt(Promise.reject(UNAVAILABLE))).rejects.toBeInstanceOf(InDoubt);
  expect(await orInDoubt(Promise.resolve('done'))).toBe('done');
});
