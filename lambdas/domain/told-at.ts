import { TELLING } from '../manifest/limits.ts';
import type { Arrival, Millis } from './entities.ts';

/** What is stored with an event of when nobody was told of it yet; nothing where its arrival says it well enough. */
export function toldAt({ at, handledAt = at }: Omit<Arrival, 'requestId'>): { readonly toldAt?: Millis } {
  return handledAt - at > TELLING.promptMs ? { toldAt: handledAt } : {};
}
