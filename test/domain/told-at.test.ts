import { describe, expect, it } from 'vitest';

import { toldAt } from '../../lambdas/domain/told-at.ts';
import { TELLING } from '../../lambdas/manifest/limits.ts';

describe('when nobody had been told of an event', () => {
  it.each([
    ['what is handled at once', { at: 1_000, handledAt: 1_000 + TELLING.promptMs }],
    ['what is handled by a clock that is late', { at: 1_000, handledAt: 900 }],
    ['what nobody knows when it was handled', { at: 1_000 }],
  ])('its arrival says, of %s', (_what, arrival) => expect(toldAt(arrival)).toEqual({}));

  it('is noted of what had to wait', () => {
    expect(toldAt({ at: 1_000, handledAt: 9_000 })).toEqual({ toldAt: 9_000 });
  });
});
