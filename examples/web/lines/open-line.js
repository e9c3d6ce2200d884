/** @import { Dialect, Ears, Line } from '../types.ts' */
import { openNativeLine } from './native-line.js';
import { openSocketLine } from './socket-line.js';

/**
 * @param {Dialect} dialect
 * @param {string} token
 * @param {Ears} ears
 * @returns {Line}
 */
export function openLine(dialect, token, ears) {
  return dialect.namespace === undefined
    ? openNativeLine(dialect, token, ears)
    : openSocketLine(dialect, token, ears);
}
