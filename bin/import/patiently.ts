import { sleep } from '../../lambdas/adapters/system/sleep.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';

const ROUNDS = 10;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 20_000;

/**
 * Runs `work`, and again for as long as DynamoDB is busy: about two minutes, in growing pauses. An on-demand table
 * doubles its throughput within minutes (AWS "DynamoDB on-demand capacity mode"), a partition never takes more than 1,000 writes a second.
 */
export async function patiently<T>(work: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round += 1) {
    try {
      return await work();
    } catch (error) {
      const busy = error instanceof CausewayError && error.code === 'unavailable';
      if (!busy || round === ROUNDS) throw error;
      await pauseBefore(round);
    }
  }
}

/** Half of the pause is random, so that batches refused together do not come back together. */
function pauseBefore(round: number): Promise<void> {
  const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** round);
  return sleep(pause * (0.5 + Math.random() / 2));
}
