import type { Dialect, Occurrence, Saying } from './define-dialect.ts';

/** A dialect's word for what happens; undefined when it has none. */
export function wordOf(dialect: Pick<Dialect, 'says'>, occurrence: Occurrence): Saying | undefined {
  // The table's type ties each kind to its own function; TypeScript cannot follow that through an index.
  const say = dialect.says[occurrence.kind] as (occurrence: Occurrence) => Saying | undefined;
  return say(occurrence);
}
