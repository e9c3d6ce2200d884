/** Writes in flight at once when one call touches many rows. */
const AT_ONCE = 25;

/** Runs `work` for every item, a bounded number at a time; waits for all of them before it reports the first failure. */
export async function inChunks<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (let at = 0; at < items.length; at += AT_ONCE) {
    const outcomes = await Promise.allSettled(items.slice(at, at + AT_ONCE).map(work));
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  }
}
