import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import type { Importer } from './importer.ts';
import { readBatches, type Line } from './lines.ts';
import { readRecord } from './read-record.ts';
import type { Rejection, Rejects } from './rejects.ts';
import type { FileState } from './state.ts';

export interface Run<T> {
  readonly path: string;
  readonly importer: Importer<T>;
  /** Absent: check only. */
  readonly table?: Table;
  readonly from: FileState;
  readonly rejects: Pick<Rejects, 'append'>;
  /** Called in the order of the file: everything before `offset` is done. */
  readonly reached: (state: FileState) => Promise<void>;
  readonly signal: AbortSignal;
}

interface Done {
  readonly end: Line;
  readonly imported: number;
  readonly rejections: readonly Rejection[];
}

/**
 * Imports a file from where it stands. Some batches are in flight at once, and no more is read until the oldest of them
 * is done; they are counted in the order of the file, so that an offset tells all. Rejects when the table stays busy.
 */
export async function runFile<T>(run: Run<T>): Promise<FileState> {
  const inFlight: Promise<Done>[] = [];
  let state = run.from;
  const retire = async () => {
    const done = await inFlight.shift();
    if (done === undefined) return;
    state = advance(state, done, await run.rejects.append(done.rejections));
    await run.reached(state);
  };
  for await (const lines of readBatches(run.path, run.from)) {
    if (run.signal.aborted) break;
    const batch = importBatch(run, lines);
    // Rejections are seen when its turn comes; until then they are nobody's.
    batch.catch(() => undefined);
    inFlight.push(batch);
    if (inFlight.length >= run.importer.atOnce) await retire();
  }
  while (inFlight.length > 0) await retire();
  return state;
}

function advance(state: FileState, { end, imported, rejections }: Done, rejectedBytes: number): FileState {
  return {
    offset: end.end,
    line: end.number,
    imported: state.imported + imported,
    rejected: state.rejected + rejections.length,
    rejectedBytes,
  };
}

async function importBatch<T>({ importer, table }: Run<T>, lines: readonly Line[]): Promise<Done> {
  const read = lines.map((line) => ({ line, record: readRecord(importer.schema, line) }));
  const good = read.flatMap(({ line, record }) => (record.ok ? [{ line, value: record.value }] : []));
  const reasons =
    table === undefined
      ? []
      : await importer.write(
          table,
          good.map(({ value }) => value),
        );
  const refused = good.flatMap(({ line }, index) => rejectionOf(line, reasons[index]));
  const broken = read.flatMap(({ line, record }) => (record.ok ? [] : rejectionOf(line, record.error)));
  return {
    end: lines.at(-1) as Line,
    imported: good.length - refused.length,
    rejections: [...broken, ...refused].toSorted((a, b) => a.line - b.line),
  };
}

function rejectionOf({ number }: Line, reason: string | undefined): readonly Rejection[] {
  return reason === undefined ? [] : [{ line: number, reason }];
}
