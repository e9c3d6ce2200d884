import type { LiveMember } from '../../domain/entities.ts';
import type { ConnectionId } from '../../domain/ids.ts';
import type { MemberStore } from '../../ports/stores.ts';
import { isLive, partition, type State } from './state.ts';

export function createMemberStore({ members, shards }: State): MemberStore {
  return {
    async shards(roomId) {
      return shards.get(roomId) ?? 1;
    },
    async add(member, expiresAt) {
      partition(members, member.roomId).set(rowKey(member.connectionId, member.shard), {
        value: member,
        expiresAt,
      });
    },
    async remove(connectionId, room) {
      members.get(room.roomId)?.delete(rowKey(connectionId, room.shard));
    },
    async list(roomId, at) {
      // By connection: one that joined again after its room grew has two rows and is one member.
      const live = new Map<ConnectionId, LiveMember>();
      for (const row of members.get(roomId)?.values() ?? []) {
        if (isLive(row, at)) live.set(row.value.connectionId, row.value);
      }
      return { members: [...live.values()], shards: shards.get(roomId) ?? 1 };
    },
    async few(roomId, at, most) {
      const live = new Map<ConnectionId, LiveMember>();
      for (const row of members.get(roomId)?.values() ?? []) {
        if (isLive(row, at) && live.size <= most) live.set(row.value.connectionId, row.value);
      }
      return [...live.values()];
    },
    async grow(roomId, from, to) {
      if ((shards.get(roomId) ?? 1) === from) shards.set(roomId, to);
    },
  };
}

function rowKey(connectionId: ConnectionId, shard: number): string {
  return `${shard}#${connectionId}`;
}
