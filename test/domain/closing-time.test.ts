import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { closingTime, isClosing } from '../../lambdas/domain/closing-time.ts';
import { API_GATEWAY, CLOSING } from '../../lambdas/manifest/limits.ts';

const MINUTE = 60_000;

describe('when a connection is closed', () => {
  it('is in the last minutes before API Gateway would cut it, and the same for whoever asks', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: 0, max: 2 ** 45 }), (id, openedAt) => {
        const at = closingTime({ id, openedAt });
        expect(at).toBeGreaterThanOrEqual(openedAt + 103 * MINUTE);
        expect(at).toBeLessThan(openedAt + 118 * MINUTE);
        expect(at).toBeLessThan(openedAt + API_GATEWAY.lifetimeSeconds * 1000);
        expect(closingTime({ id, openedAt })).toBe(at);
      }),
    );
  });

  it('is spread evenly: those who came at once are not sent away at once', () => {
    const perMinute = new Map<number, number>();
    for (let n = 0; n < 15_000; n++) {
      const minute = Math.floor(closingTime({ id: `connection-${n}=`, openedAt: 0 }) / MINUTE);
      perMinute.set(minute, (perMinute.get(minute) ?? 0) + 1);
    }
    expect([...perMinute.keys()].toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 15 }, (_, n) => CLOSING.fromSeconds / 60 + n),
    );
    for (const count of perMinute.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('is not missed by who looks rarely: the last look before it is the one that closes', () => {
    const opened = { id: 'c', openedAt: 0 };
    const at = closingTime(opened);
    expect(isClosing(opened, at)).toBe(false);
    expect(isClosing(opened, at + 1)).toBe(true);
  });
});
