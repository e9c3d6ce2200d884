import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folder {
  readonly path: (name: string) => string;
  /** Writes an NDJSON file; texts are written as they are. */
  readonly write: (name: string, lines: readonly (object | string)[]) => string;
  readonly rejected: (name: string) => readonly { line: number; reason: string }[];
  readonly remove: () => void;
}

export function createFolder(): Folder {
  const root = mkdtempSync(join(tmpdir(), 'causeway-import-'));
  const path = (name: string) => join(root, name);
  return {
    path,
    write: (name, lines) => {
      const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
      writeFileSync(path(name), `${text.join('\n')}\n`);
      return path(name);
    },
    rejected: (name) =>
      readFileSync(`${path(name)}.rejected.ndjson`, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as { line: number; reason: string }),
    remove: () => rmSync(root, { recursive: true }),
  };
}
