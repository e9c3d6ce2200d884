import type { Millis } from '../../lambdas/domain/entities.ts';

/** When the poll came that a token of `mintPollToken` names. Apart from it, because it needs no Node. */
export function arrivalOf(pollToken: string): Millis {
  return Number.parseInt(pollToken, 36);
}
