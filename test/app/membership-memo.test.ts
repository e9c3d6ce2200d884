import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { createMembershipMemo } from '../../lambdas/app/membership-memo.ts';
import type { ConnectionId, RoomId } from '../../lambdas/domain/ids.ts';
import { connectionId, NOW, OTHER_ROOM, ROOM } from '../support/fakes/world.ts';

const anna = connectionId('anna');

describe('the membership memo', () => {
  test('remembers a pair for 30 seconds from its last proof', () => {
    const memo = createMembershipMemo();
    memo.remember(anna, ROOM, NOW);
    memo.remember(anna, ROOM, NOW + 10_000);
    expect(memo.has(anna, ROOM, NOW + 39_999)).toBe(true);
    expect(memo.has(anna, ROOM, NOW + 40_000)).toBe(false);
  });

  test('knows nothing of other rooms and connections', () => {
    const memo = createMembershipMemo();
    memo.remember(anna, ROOM, NOW);
    expect(memo.has(anna, OTHER_ROOM, NOW)).toBe(false);
    expect(memo.has(connectionId('ben'), ROOM, NOW)).toBe(false);
    memo.forget(anna, ROOM);
    memo.forget(anna, OTHER_ROOM);
    expect(memo.has(anna, ROOM, NOW)).toBe(false);
  });

  test('never holds more than its entries, and drops the one proven longest ago', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12), { maxLength: 60 }), (proofs) => {
        const memo = createMembershipMemo({ seconds: 30, entries: 4 });
        for (const n of proofs) memo.remember(`c${n}` as ConnectionId, ROOM, NOW);
        const youngest = new Set([...new Set(proofs.toReversed())].slice(0, 4));
        for (let n = 0; n <= 12; n++) {
          expect(memo.has(`c${n}` as ConnectionId, ROOM, NOW)).toBe(youngest.has(n));
        }
      }),
    );
  });

  test('does not mix up ids that run together', () => {
    const memo = createMembershipMemo();
    memo.remember('ab' as ConnectionId, 'c' as RoomId, NOW);
    expect(memo.has('a' as ConnectionId, 'bc' as RoomId, NOW)).toBe(false);
  });
});
