/** How long the suite waits for something that must come. Generous: only a failing test ever waits this long. */
const PATIENCE_MS = 8_000;

/** Fails with what was seen instead of with a bare time-out. `seen` is asked when time is up. */
export async function within<T>(waiting: Promise<T>, what: string, seen: () => unknown): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`waited ${PATIENCE_MS} ms for ${what}; seen: ${JSON.stringify(seen())}`));
    }, PATIENCE_MS);
  });
  return Promise.race([waiting, late]).finally(() => clearTimeout(timer));
}
