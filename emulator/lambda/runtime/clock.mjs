// @ts-check

/**
 * Makes Date follow the emulated clock. Timers and performance.now() stay real.
 * @param {SharedArrayBuffer} shared Float64Array(1) with the offset in milliseconds.
 */
export function installClock(shared) {
  const offset = new Float64Array(shared);
  const RealDate = Date;
  const now = () => RealDate.now() + /** @type {number} */ (offset[0]);

  /** @this {unknown} @param {unknown[]} parts */
  function EmulatedDate(...parts) {
    if (!new.target) return new RealDate(now()).toString();
    return Reflect.construct(RealDate, parts.length === 0 ? [now()] : parts, new.target);
  }
  EmulatedDate.now = now;
  EmulatedDate.parse = RealDate.parse;
  EmulatedDate.UTC = RealDate.UTC;
  // One prototype for both, so `instanceof Date` holds for dates made by Node.js itself.
  EmulatedDate.prototype = RealDate.prototype;
  Object.defineProperty(EmulatedDate, 'name', { value: 'Date' });
  Object.defineProperty(EmulatedDate, 'length', { value: 7 });
  Object.defineProperty(RealDate.prototype, 'constructor', {
    value: EmulatedDate,
    writable: true,
    configurable: true,
  });
  globalThis.Date = /** @type {DateConstructor} */ (/** @type {unknown} */ (EmulatedDate));
}
