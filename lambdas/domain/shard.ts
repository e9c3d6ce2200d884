import { FAN_OUT } from '../manifest/limits.ts';
import { hash32 } from './hash.ts';

/** Where the row of a connection (or socket) goes in a room of `shards` shards. Rows written before a room grew stay where they are. */
export function shardOf(id: string, shards: number): number {
  return hash32(id) % shards;
}

/**
 * The number of shards a room with so many live members should have: doubled until a shard holds at most
 * FAN_OUT.membersPerShard on average, never above FAN_OUT.maxShards, never fewer than it has.
 */
export function nextShardCount(members: number, shards: number): number {
  let next = shards;
  while (members > next * FAN_OUT.membersPerShard && next < FAN_OUT.maxShards) next *= 2;
  return Math.max(shards, Math.min(next, FAN_OUT.maxShards));
}
