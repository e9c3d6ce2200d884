/** @import { User } from './types.ts' */

/** One person per tab: two tabs can be two people. */
const KEY = 'causeway';

/** @returns {{ token: string, user: User } | undefined} */
export function keptSession() {
  const kept = sessionStorage.getItem(KEY);
  return kept === null ? undefined : JSON.parse(kept);
}

/** @param {{ token: string, user: User }} session */
export function keepSession(session) {
  sessionStorage.setItem(KEY, JSON.stringify(session));
}

export function forgetSession() {
  sessionStorage.removeItem(KEY);
}
