// @ts-check
/**
 * The way to AWS: node:https requests to *.amazonaws.com go to the emulator over plain http, with the host they were made
 * for, so that signatures hold. Other hosts are not touched.
 */
import { errorMonitor } from 'node:events';
import https from 'node:https';
import { createRequire, syncBuiltinESMExports } from 'node:module';

// Not imported: an import reads every export, and `http.WebSocket` then loads the whole of undici (16 ms per instance).
const http = /** @type {typeof import('node:http')} */ (createRequire(import.meta.url)('node:http'));

/**
 * Whose calls these are. `depth` is that of the deepest call answered so far.
 * @typedef {{ eventId: number, depth: number }} Scope
 */
/** @typedef {import('node:https').RequestOptions & { href?: string }} Options */

const AWS_HOST = /(^|\.)amazonaws\.com(\.cn)?$/;
/** Options that make sense for the emulator's connection too; those of TLS and of the address do not. */
const KEPT = /** @type {const} */ ([
  'method',
  'path',
  'auth',
  'timeout',
  'signal',
  'maxHeaderSize',
  'insecureHTTPParser',
  'joinDuplicateHeaders',
  'uniqueHeaders',
]);
const LEAST_SOCKETS = 100;

/**
 * @param {string} awsEndpoint http://host:port
 * @param {() => Scope} currentScope
 */
export function installNetwork(awsEndpoint, currentScope) {
  const endpoint = new URL(awsEndpoint);
  const realRequest = https.request;
  const agentFor = createAgents();

  /** @param {unknown[]} args */
  function request(...args) {
    const { options, callback } = readArguments(args);
    const host = (options.hostname ?? options.host ?? '').replace(/:\d+$/, '');
    if (!AWS_HOST.test(host)) return Reflect.apply(realRequest, https, args);
    return emulated({ options, host, endpoint, agent: agentFor(options.agent) }, currentScope(), callback);
  }
  https.request = /** @type {typeof https.request} */ (request);
  https.get = /** @type {typeof https.get} */ (
    (/** @type {unknown[]} */ ...args) => {
      const started = request(...args);
      started.end();
      return started;
    }
  );
  syncBuiltinESMExports();
  refuseFetch();
}

/**
 * @param {{ options: Options, host: string, endpoint: URL, agent: import('node:http').Agent | false }} target
 * @param {Scope} scope
 * @param {((response: import('node:http').IncomingMessage) => void) | undefined} callback
 */
function emulated({ options, host, endpoint, agent }, scope, callback) {
  const kept = Object.fromEntries(
    KEPT.flatMap((key) => (options[key] === undefined ? [] : [[key, options[key]]])),
  );
  const port = options.port && Number(options.port) !== 443 ? `:${options.port}` : '';
  const depth = scope.depth + 1;
  const request = http.request({
    ...kept,
    host: endpoint.hostname,
    port: endpoint.port,
    agent,
    setHost: false,
    headers: withHeaders(options.headers, {
      host: host + port,
      'x-emulator-event': String(scope.eventId),
      'x-emulator-depth': String(depth),
    }),
  });
  const ended = () => {
    scope.depth = Math.max(scope.depth, depth);
  };
  // First in line: the answer counts as read before the code that waits for it goes on.
  request.once('response', (response) => {
    response.once('end', ended);
    if (request.listenerCount('response') === 0) response.resume();
  });
  request.once(errorMonitor, ended);
  request.once('close', ended);
  if (callback) request.once('response', callback);
  return request;
}

/**
 * `https.request(url[, options][, callback])` or `https.request(options[, callback])`.
 * @param {unknown[]} args
 */
function readArguments(args) {
  const rest = [...args];
  /** @type {Options} */
  let options = {};
  if (typeof rest[0] === 'string' || rest[0] instanceof URL) {
    const url = new URL(String(rest.shift()));
    const auth = url.username
      ? { auth: `${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}` }
      : {};
    options = {
      hostname: url.hostname,
      path: url.pathname + url.search,
      ...auth,
      ...(url.port ? { port: url.port } : {}),
    };
  }
  if (rest[0] && typeof rest[0] === 'object')
    options = { ...options, .../** @type {Options} */ (rest.shift()) };
  const callback = /** @type {((response: import('node:http').IncomingMessage) => void) | undefined} */ (
    rest.find((arg) => typeof arg === 'function')
  );
  return { options, callback };
}

/**
 * @param {import('node:http').OutgoingHttpHeaders | readonly string[] | undefined} given A record, a flat list or a list of pairs.
 * @param {Record<string, string>} added `host` only where none is given.
 */
function withHeaders(given, added) {
  /** @type {Record<string, import('node:http').OutgoingHttpHeader | undefined>} */
  const headers = {};
  if (Array.isArray(given)) {
    const flat = given.flat();
    for (let i = 0; i + 1 < flat.length; i += 2) headers[flat[i]] = flat[i + 1];
  } else Object.assign(headers, given);
  const { host, ...attest } = added;
  if (!Object.keys(headers).some((name) => name.toLowerCase() === 'host')) headers['host'] = host;
  return Object.assign(headers, attest);
}

/** One http agent for each https agent of the function, as wide as that one and at least 100 for none. */
function createAgents() {
  /** @type {WeakMap<object, import('node:http').Agent>} */
  const twins = new WeakMap();
  const shared = new http.Agent({
    keepAlive: true,
    maxSockets: Math.max(LEAST_SOCKETS, https.globalAgent.maxSockets),
  });
  /** @param {unknown} given @returns {import('node:http').Agent | false} */
  return (given) => {
    if (given === false) return false;
    if (!(given instanceof http.Agent) || given === https.globalAgent) return shared;
    const known = twins.get(given);
    if (known) return known;
    const twin = new http.Agent({
      keepAlive: true,
      maxSockets: given.maxSockets,
      maxFreeSockets: given.maxFreeSockets,
    });
    twins.set(given, twin);
    // Who looks at or destroys the function's agent means this one.
    Object.assign(given, {
      sockets: twin.sockets,
      freeSockets: twin.freeSockets,
      requests: twin.requests,
      destroy: () => twin.destroy(),
    });
    return twin;
  };
}

/** The fetch of Node.js cannot be led to the emulator; it must not reach the real AWS by mistake either. */
function refuseFetch() {
  const realFetch = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : String(input), 'http://localhost');
    if (AWS_HOST.test(url.hostname))
      throw new Error(
        `The emulator serves ${url.hostname} through node:https only: use a client that does not use fetch.`,
      );
    return realFetch(input, init);
  };
}
