import type { Millis } from '../../lambdas/domain/entities.ts';

export function sleep(ms: Millis): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
