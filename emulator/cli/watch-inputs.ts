import { statSync, watch, type FSWatcher } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Editors write a file in several steps; a change is over when nothing has happened for so long. */
const QUIET_MS = 150;

/**
 * Calls `changed` after a change under any of the paths; changes while it runs lead to one more call afterwards. Answers
 * a function that stops watching.
 */
export function watchInputs(paths: readonly string[], changed: () => Promise<void>): () => void {
  let timer: NodeJS.Timeout | undefined;
  let running = false;
  let again = false;
  let stopped = false;

  async function run(): Promise<void> {
    if (running || stopped) {
      again = true;
      return;
    }
    running = true;
    await changed();
    running = false;
    if (again) {
      again = false;
      await run();
    }
  }
  const noticed = () => {
    clearTimeout(timer);
    timer = setTimeout(() => void run(), QUIET_MS);
  };
  const watchers = paths.flatMap((path) => watchPath(path, noticed));
  return () => {
    stopped = true;
    clearTimeout(timer);
    for (const watcher of watchers) watcher.close();
  };
}

/** A file is watched through its folder: many editors replace it, and a watcher of the old file would go quiet. */
function watchPath(path: string, noticed: () => void): FSWatcher[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) return [];
  if (found.isDirectory()) return [watch(path, { recursive: true }, noticed)];
  const name = basename(path);
  return [watch(dirname(path), (_event, file) => (file === null || file === name ? noticed() : undefined))];
}
