// @ts-check
/**
 * An instance from inside: what AWS's managed Node.js runtime does, in a worker thread. Plain JavaScript without
 * dependencies, so that it loads as it is under every Node.js and every loader.
 *
 * The thread is frozen between events: it blocks in Atomics.wait, so timers, promises and sockets that the handler did not
 * wait for make no progress until the next event ("Lambda execution environment lifecycle", Lambda Developer Guide).
 */
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { installClock } from './clock.mjs';
import { guardCompression } from './compression.mjs';
import { report } from './errors.mjs';
import { loadHandler } from './handler.mjs';
import { installLogs } from './logs.mjs';
import { installNetwork } from './network.mjs';
import { invocationContext } from './context.mjs';

/** @typedef {import('../protocol.ts').InvocationMessage} InvocationMessage */
/** @typedef {import('../protocol.ts').RuntimeMessage} RuntimeMessage */

const data = /** @type {import('../protocol.ts').InstanceData} */ (workerData);
const port = /** @type {import('node:worker_threads').MessagePort} */ (parentPort);
const signal = new Int32Array(data.signal);

/** Calls are counted against the invocation that is running when they are made. @type {import('./network.mjs').Scope} */
let scope = { eventId: data.init.eventId, depth: data.init.depth };
let seen = 0;

/** @param {RuntimeMessage} message */
const post = (message) => port.postMessage(message);

process.cwd = () => data.taskRoot;
installClock(data.clockOffset);
guardCompression(signal);
const flushLogs = installLogs(post);
installNetwork(data.awsEndpoint, () => scope);
watchForDeath();
await serve(await load());

async function load() {
  try {
    const handler = await loadHandler(data.taskRoot, data.handler, data.nodeMajor);
    post({ type: 'ready' });
    return handler;
  } catch (error) {
    flushLogs();
    post({ type: 'init-failure', ...report(error) });
    return process.exit(1);
  }
}

/** @param {import('./handler.mjs').Handler} handler @returns {Promise<never>} */
async function serve(handler) {
  for (;;) {
    const event = nextEvent();
    // Two turns of the event loop, as a thawed process gets: sockets that the other side closed meanwhile are noticed before they are used again.
    await turn();
    await turn();
    await run(handler, event);
  }
}

/**
 * Blocks the whole thread until there is an event. A wake-up alone is none: the main thread may be held up between raising
 * the signal and waking, and its call then meets the wait for the next event.
 * @returns {InvocationMessage}
 */
function nextEvent() {
  for (;;) {
    Atomics.wait(signal, 0, seen);
    const received = receiveMessageOnPort(port);
    if (received === undefined) continue;
    seen += 1;
    return received.message;
  }
}

/** @returns {Promise<void>} */
function turn() {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** @param {import('./handler.mjs').Handler} handler @param {InvocationMessage} event */
async function run(handler, event) {
  process.env['_X_AMZN_TRACE_ID'] = traceHeader(event.requestId);
  // What the module called while it loaded came before everything in this event.
  scope = {
    eventId: event.eventId,
    depth: Math.max(event.depth, scope.eventId === event.eventId ? scope.depth : 0),
  };
  const start = performance.now();
  /** @type {RuntimeMessage} */
  let message;
  try {
    const value = await handler(JSON.parse(event.payload), invocationContext(data, event, start));
    message = { type: 'result', payload: toJson(value), durationMs: performance.now() - start };
  } catch (error) {
    message = { type: 'failure', ...report(error), durationMs: performance.now() - start };
  }
  flushLogs();
  post(message);
}

/** "Root=1-<seconds>-<24 hex digits>;…" (AWS X-Ray Developer Guide, "Tracing header"); not sampled. @param {string} requestId */
function traceHeader(requestId) {
  const hex = requestId.replaceAll('-', '');
  const seconds = Math.floor(Date.now() / 1000)
    .toString(16)
    .padStart(8, '0');
  return `Root=1-${seconds}-${hex.slice(0, 24)};Parent=${hex.slice(16, 32)};Sampled=0`;
}

/** @param {unknown} value @returns {string} */
function toJson(value) {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    throw new Error('Unable to stringify response body');
  }
}

/** The thread ends after each of these; the words are those of AWS's runtime interface client for Node.js (Errors.js). */
function watchForDeath() {
  /** @param {unknown} error @param {number} code @param {string} [type] */
  const die = (error, code, type) => {
    flushLogs();
    const failure = report(error);
    post({ type: 'fatal', ...failure, ...(type ? { errorType: type, errorMessage: String(error) } : {}) });
    process.exit(code);
  };
  process.on('warning', (warning) => post({ type: 'log', level: 'warn', text: String(warning) }));
  process.on('uncaughtException', (error) => die(error, 129));
  process.on('unhandledRejection', (reason) => die(reason, 128, 'Runtime.UnhandledPromiseRejection'));
  process.on('beforeExit', () =>
    die(
      'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
      13,
      'Runtime.NodeJsExit',
    ),
  );
}
