import type { ThrottleStore } from '../../ports/stores.ts';
import type { State } from './state.ts';

/** Windows start at multiples of their length since the epoch, so that every caller means the same one. */
export function createThrottleStore({ attempts }: State): ThrottleStore {
  return {
    async hit(key, { seconds, at }) {
      const windowMs = seconds * 1000;
      const counter = `${key}#${at - (at % windowMs)}`;
      const count = (attempts.get(counter) ?? 0) + 1;
      attempts.set(counter, count);
      return count;
    },
  };
}
