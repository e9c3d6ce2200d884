// @ts-check
import { format } from 'node:util';

/** @typedef {import('../protocol.ts').LogLevel} LogLevel */

/** @type {Record<string, LogLevel>} */
const CONSOLE_LEVELS = {
  trace: 'debug',
  debug: 'debug',
  log: 'info',
  info: 'info',
  warn: 'warn',
  error: 'error',
};

/**
 * Sends what the function prints to the main thread at once. The streams of a worker thread would hold it back until the
 * event loop turns, which a frozen or killed thread never does again.
 * @param {(message: import('../protocol.ts').RuntimeMessage) => void} post
 * @returns {() => void} sends a line that has not ended yet.
 */
export function installLogs(post) {
  for (const [method, level] of Object.entries(CONSOLE_LEVELS)) {
    /** @param {unknown[]} values */
    const print = (...values) => post({ type: 'log', level, text: format(...values) });
    Object.defineProperty(console, method, {
      value: print,
      writable: true,
      configurable: true,
      enumerable: true,
    });
  }
  dropVersionAdvice();
  const flushes = [capture(process.stdout, 'info', post), capture(process.stderr, 'error', post)];
  return () => flushes.forEach((flush) => flush());
}

/** The SDK's advice to update Node.js is about this machine's, which isn't the runtime that the template names. */
function dropVersionAdvice() {
  const emit = process.emitWarning.bind(process);
  process.emitWarning = (/** @type {[any, any]} */ ...warning) => {
    if (!String(warning[0]).startsWith('NodeVersionSupportWarning')) emit(...warning);
  };
}

/** @param {NodeJS.WriteStream} stream @param {LogLevel} level @param {(message: import('../protocol.ts').RuntimeMessage) => void} post */
function capture(stream, level, post) {
  let rest = '';
  /** @param {string} text */
  const line = (text) => (text === '' ? undefined : post({ type: 'log', level, text }));
  /** @param {string | Uint8Array} chunk @param {unknown} [encoding] @param {unknown} [callback] */
  function write(chunk, encoding, callback) {
    const text = rest + (typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8'));
    const lines = text.split('\n');
    rest = lines.pop() ?? '';
    lines.forEach(line);
    const done = typeof encoding === 'function' ? encoding : callback;
    if (typeof done === 'function') process.nextTick(done);
    return true;
  }
  stream.write = write;
  return () => {
    line(rest);
    rest = '';
  };
}
