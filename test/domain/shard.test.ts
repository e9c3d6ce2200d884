import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import { nextShardCount, shardOf } from '../../lambdas/domain/shard.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';

const connection = fc.string({ minLength: 1, maxLength: 20 }).map((id) => id as ConnectionId);
const shardCount = fc.integer({ min: 0, max: 6 }).map((power) => 2 ** power);

test('a connection is always in the same one of the shards', () => {
  fc.assert(
    fc.property(connection, shardCount, (id, shards) => {
      const shard = shardOf(id, shards);
      expect(shard).toBe(shardOf(id, shards));
      expect(shard >= 0 && shard < shards && Number.isInteger(shard)).toBe(true);
      expect(shardOf(id, 1)).toBe(0);
    }),
  );
});

test('connections spread evenly: no shard of 16 has twice its share', () => {
  const sizes = Array.from({ length: 16 }, () => 0);
  for (let n = 0; n < 16_000; n++) {
    const shard = shardOf(`${Buffer.from(`c${n}`).toString('base64')}=` as ConnectionId, 16);
    sizes[shard] = (sizes[shard] ?? 0) + 1;
  }
  expect(Math.max(...sizes)).toBeLessThan(2_000);
  expect(Math.min(...sizes)).toBeGreaterThan(500);
});

test('a room grows by doubling, only when it is crowded', () => {
  const { membersPerShard: full, maxShards } = FAN_OUT;
  expect(nextShardCount(full, 1)).toBe(1);
  expect(nextShardCount(full + 1, 1)).toBe(2);
  expect(nextShardCount(4 * full + 1, 1)).toBe(8);
  expect(nextShardCount(full, 4)).toBe(4);
  expect(nextShardCount(1_000_000, 1)).toBe(maxShards);
  expect(nextShardCount(1_000_000, maxShards - 16)).toBe(maxShards);
});

test('a room never shrinks, never exceeds the most shards, and never needs to grow twice at once', () => {
  fc.assert(
    fc.property(fc.nat(100_000), shardCount, (members, shards) => {
      const next = nextShardCount(members, shards);
      expect(next).toBeGreaterThanOrEqual(shards);
      expect(next).toBeLessThanOrEqual(FAN_OUT.maxShards);
      expect(nextShardCount(members, next)).toBe(next);
    }),
  );
});

test('a room with more shards than the limit allows today keeps them', () => {
  expect(nextShardCount(1, FAN_OUT.maxShards * 2)).toBe(FAN_OUT.maxShards * 2);
});
