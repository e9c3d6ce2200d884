import { stat } from 'node:fs/promises';

import type { Importer } from './importer.ts';
import { createRoomLookup, createUserLookup } from './known.ts';
import { createMessageImporter } from './messages.ts';
import { KINDS, type Kind, type Options } from './options.ts';
import { createProgress, type Terminal } from './progress.ts';
import { openRejects } from './rejects.ts';
import { createRoomImporter } from './rooms.ts';
import { runFile } from './run-file.ts';
import type { FileState, State } from './state.ts';
import type { Target } from './target.ts';
import { UsageError } from './usage-error.ts';
import { userImporter } from './users.ts';

export interface Setting {
  readonly options: Pick<Options, 'files'>;
  /** Absent: check only. */
  readonly target?: Target;
  readonly state: State;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

export interface Summary extends FileState {
  readonly kind: Kind;
  readonly path: string;
  readonly rejectsPath: string;
}

/** How long a kill may cost: the lines since the last save are written again, onto the same rows. */
const SAVE_EVERY_MS = 500;

/** Imports the named files one after the other; stops early when the signal says so. */
export async function importFiles(setting: Setting): Promise<readonly Summary[]> {
  const importers = createImporters();
  const summaries: Summary[] = [];
  for (const kind of KINDS) {
    const path = setting.options.files[kind];
    if (path === undefined || setting.signal.aborted) continue;
    summaries.push(await importFile(setting, { kind, path, importer: importers[kind] }));
  }
  return summaries;
}

function createImporters(): Readonly<Record<Kind, Importer<never>>> {
  const users = createUserLookup();
  const importers = {
    users: userImporter,
    rooms: createRoomImporter(users),
    messages: createMessageImporter({ users, rooms: createRoomLookup() }),
  };
  // What a schema gives, its own `write` takes; which type that is nobody here needs to know.
  return importers as unknown as Readonly<Record<Kind, Importer<never>>>;
}

interface Job {
  readonly kind: Kind;
  readonly path: string;
  readonly importer: Importer<never>;
}

async function importFile(setting: Setting, { kind, path, importer }: Job): Promise<Summary> {
  const size = await sizeOf(path);
  const from = await setting.state.resume(kind, path);
  const rejects = await openRejects(path, from.rejectedBytes);
  const progress = createProgress(setting.terminal, { name: kind, size, from });
  const save = (state: FileState) => setting.state.save(kind, path, state);
  const saver = createSaver(save);
  try {
    const last = await runFile({
      path,
      importer,
      ...(setting.target && { table: setting.target.table }),
      from,
      rejects,
      reached: (state) => {
        progress.show(state);
        return saver(state);
      },
      signal: setting.signal,
    });
    progress.finish(last);
    await save(last);
    return { ...last, kind, path, rejectsPath: rejects.path };
  } finally {
    await rejects.close();
  }
}

function createSaver(save: (state: FileState) => Promise<void>): (state: FileState) => Promise<void> {
  let saved = -Infinity;
  return async (state) => {
    if (performance.now() - saved < SAVE_EVERY_MS) return;
    saved = performance.now();
    await save(state);
  };
}

async function sizeOf(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw new UsageError(`There is no file ${path}.`);
  return found.size;
}
