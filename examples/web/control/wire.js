/** @import { Store } from '../store.js' */

/** Enough to read back, little enough to stay quick. */
const KEPT = 100;

/** Notes what crosses the wire. @param {Store} store @returns {import('../types.ts').Ears['wire']} */
export function logger(store) {
  let number = 0;
  return (direction, event, payload) =>
    store.change(({ wire }) => ({
      wire: [{ number: number++, direction, event, payload, at: new Date() }, ...wire.slice(0, KEPT - 1)],
    }));
}
