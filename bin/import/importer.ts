import type * as v from 'valibot';

import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';

/** How the lines of one file become rows. */
export interface Importer<T> {
  readonly schema: v.GenericSchema<unknown, T>;
  /**
   * Writes some records; for each, in their order, why it was refused, or undefined. Writing a record twice leaves what
   * writing it once does.
   */
  readonly write: (table: Table, records: readonly T[]) => Promise<readonly (string | undefined)[]>;
  /** Batches written at once. */
  readonly atOnce: number;
}
