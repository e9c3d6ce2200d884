// @ts-check
import { syncBuiltinESMExports } from 'node:module';
import zlib from 'node:zlib';

/** Place in the shared signal: free, or why not. */
const GATE = 1;
const FREE = 0;
const BUSY = 1;
const CLOSED = 2;

/**
 * A thread that is terminated between the making of a compression stream and its first use takes the whole process with it
 * ("Assertion failed: init_done_ && close before init", node_zlib.cc of Node.js 20). So streams are made behind a gate that
 * whoever terminates the thread closes first (instance.ts).
 * @param {Int32Array} signal
 */
export function guardCompression(signal) {
  let depth = 0;
  /** @template T @param {() => T} make @returns {T} */
  const guarded = (make) => {
    if (depth === 0)
      while (Atomics.compareExchange(signal, GATE, FREE, BUSY) !== FREE) Atomics.wait(signal, GATE, CLOSED);
    depth += 1;
    try {
      return make();
    } finally {
      depth -= 1;
      if (depth === 0) Atomics.store(signal, GATE, FREE);
    }
  };
  for (const [name, described] of Object.entries(Object.getOwnPropertyDescriptors(zlib))) {
    const original = described.value;
    if (typeof original !== 'function' || name === 'crc32') continue;
    const value = new Proxy(original, {
      apply: (make, that, given) => guarded(() => Reflect.apply(make, that, given)),
      construct: (make, given, target) => guarded(() => Reflect.construct(make, given, target)),
    });
    Object.defineProperty(zlib, name, { ...described, value });
  }
  syncBuiltinESMExports();
}
