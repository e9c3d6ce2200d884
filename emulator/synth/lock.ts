import { mkdir, rm, stat, utimes } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

/** A holder that hasn't touched its lock for so long is dead. */
const STALE_MS = 5_000;
const TOUCH_MS = 1_000;
const POLL_MS = 50;

/** Runs `action` while holding a lock that other processes respect: a directory that its holder keeps touching. */
export async function withLock<T>(path: string, action: () => Promise<T>): Promise<T> {
  while (!(await acquire(path))) {
    await removeIfStale(path);
    await wait(POLL_MS);
  }
  const touch = setInterval(
    () => void utimes(path, new Date(), new Date()).catch(() => {}),
    TOUCH_MS,
  ).unref();
  try {
    return await action();
  } finally {
    clearInterval(touch);
    await rm(path, { recursive: true, force: true });
  }
}

async function acquire(path: string): Promise<boolean> {
  try {
    await mkdir(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Should two waiters remove one after another, the worst is that both build; the assembly itself appears by a rename. */
async function removeIfStale(path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found && Date.now() - found.mtimeMs > STALE_MS) await rm(path, { recursive: true, force: true });
}
