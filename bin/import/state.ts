/** The state file: how far each file has been imported, so that a run that was killed can go on. */
import { createHash } from 'node:crypto';
import { open, readFile, rename, writeFile } from 'node:fs/promises';

import type { Kind } from './options.ts';
import { UsageError } from './usage-error.ts';

/** Everything before `offset` has been written or rejected. */
export interface FileState {
  readonly offset: number;
  readonly line: number;
  readonly imported: number;
  readonly rejected: number;
  /** Length of the file of rejected lines at this point. */
  readonly rejectedBytes: number;
}

/** A file state as stored: `fingerprint` tells whether the file is still the one it was. */
interface StoredFileState extends FileState {
  readonly fingerprint: string;
}

interface Stored {
  readonly version: 1;
  readonly target: string;
  readonly files: Readonly<Partial<Record<Kind, StoredFileState>>>;
}

export interface State {
  /** Where to begin; rejects with UsageError when the file is not the one that was begun. */
  readonly resume: (kind: Kind, path: string) => Promise<FileState>;
  readonly save: (kind: Kind, path: string, reached: FileState) => Promise<void>;
}

export const BEGINNING: FileState = { offset: 0, line: 0, imported: 0, rejected: 0, rejectedBytes: 0 };
const FINGERPRINT_BYTES = 4096;

/** @param target names the table: the offsets of another one mean nothing. */
export async function openState(file: string, target: string): Promise<State> {
  let stored: Stored = (await load(file)) ?? { version: 1, target, files: {} };
  if (stored.target !== target)
    throw new UsageError(
      `${file} belongs to another table, ${stored.target}. Name another file with --state, or delete it.`,
    );
  return {
    resume: async (kind, path) => {
      const begun = stored.files[kind];
      if (begun === undefined) return BEGINNING;
      const { fingerprint, ...reached } = begun;
      if ((await fingerprintOf(path, reached.offset)) === fingerprint) return reached;
      throw new UsageError(
        `${path} is not the file that ${file} knows: what has been imported of it has changed. Name another file with --state to import it from its beginning; nothing is imported twice.`,
      );
    },
    save: async (kind, path, reached) => {
      const fingerprint = await fingerprintOf(path, reached.offset);
      stored = { ...stored, files: { ...stored.files, [kind]: { ...reached, fingerprint } } };
      // A kill in the middle of a write must not cost the state.
      await writeFile(`${file}.new`, `${JSON.stringify(stored, undefined, 2)}\n`);
      await rename(`${file}.new`, file);
    },
  };
}

/** For --dry-run. */
export function forgetfulState(): State {
  return { resume: () => Promise.resolve(BEGINNING), save: () => Promise.resolve() };
}

async function load(file: string): Promise<Stored | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return undefined;
  try {
    const stored = JSON.parse(text) as Stored;
    if (stored.version === 1) return stored;
  } catch {
    // Told below.
  }
  throw new UsageError(`${file} is not a state file of this command.`);
}

/** Of the beginning and of what precedes `offset`; a file that has only grown keeps it. */
async function fingerprintOf(path: string, offset: number): Promise<string> {
  const handle = await open(path);
  try {
    const length = Math.min(offset, FINGERPRINT_BYTES);
    const hash = createHash('sha256');
    for (const position of [0, offset - length]) {
      const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
      hash.update(buffer.subarray(0, bytesRead)).update(`/${bytesRead}`);
    }
    return hash.digest('base64url');
  } finally {
    await handle.close();
  }
}
