/** What is in the table already, asked for by the batch and remembered in bounds. */
import { createRoomStore } from '../../lambdas/adapters/dynamodb/rooms.ts';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import { createUserStore } from '../../lambdas/adapters/dynamodb/users.ts';
import type { Room, User } from '../../lambdas/domain/entities.ts';
import type { RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { patiently } from './patiently.ts';

/** Those of the ids that exist. */
export type Lookup<Id, T> = (table: Table, ids: readonly Id[]) => Promise<ReadonlyMap<Id, T>>;

/** Entries of each memory; about 10 MB together. */
const REMEMBERED = 20_000;

export function createUserLookup(): Lookup<UserId, User> {
  return createLookup((table, ids) => createUserStore(table).getMany(ids));
}

export function createRoomLookup(): Lookup<RoomId, Room> {
  return createLookup((table, ids) => createRoomStore(table).getMany(ids));
}

function createLookup<Id extends string, T extends { readonly id: Id }>(
  load: (table: Table, ids: readonly Id[]) => Promise<readonly T[]>,
): Lookup<Id, T> {
  // A Map keeps the order of insertion: its first key is the oldest.
  const remembered = new Map<Id, T>();
  return async (table, ids) => {
    const wanted = [...new Set(ids)];
    const found = new Map<Id, T>();
    const unknown: Id[] = [];
    for (const id of wanted) {
      const known = remembered.get(id);
      if (known === undefined) unknown.push(id);
      else found.set(id, known);
    }
    if (unknown.length === 0) return found;
    for (const one of await patiently(() => load(table, unknown))) {
      found.set(one.id, one);
      remembered.set(one.id, one);
      if (remembered.size > REMEMBERED) remembered.delete(remembered.keys().next().value as Id);
    }
    return found;
  };
}
