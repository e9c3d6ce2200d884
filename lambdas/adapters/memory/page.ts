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
