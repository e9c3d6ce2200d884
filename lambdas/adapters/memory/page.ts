import { idFloor } from '../../domain/message-id.ts';
import type { Since, SinceQuery } from '../../ports/stores.ts';

/** The other way round: oldest first, from an instant on. */
export function oldestFirst<T extends { readonly id: string }>(
  rows: Iterable<T>,
  { from, limit }: SinceQuery,
): Since<T> {
  const floor = idFloor(from);
  const younger = [...rows].filter(({ id }) => id >= floor).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { found: younger.slice(0, limit), complete: younger.length <= limit };
}

/** A page of rows, newest first, with the cursor of the next older page if there is one. */
export function newestFirst<Id extends string, T extends { readonly id: Id }>(
  rows: Iterable<T>,
  page: { readonly limit: number; readonly before?: Id },
): { readonly rows: readonly T[]; readonly cursor: { readonly nextCursor?: Id } } {
  const { before, limit } = page;
  const older = [...rows]
    .filter(({ id }) => before === undefined || id < before)
    .toSorted((a, b) => (a.id < b.id ? 1 : -1));
  const found = older.slice(0, limit);
  const last = found.at(-1);
  return { rows: found, cursor: older.length > limit && last !== undefined ? { nextCursor: last.id } : {} };
}
