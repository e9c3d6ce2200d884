/** The checks of engine.io's `Server.verify` and `handshake`, in its order; each answers what is wrong, or undefined. */
import type { EngineRefusal } from '../types.ts';
import { REFUSED } from './refusals.ts';

type Fields = Readonly<Record<string, string>>;

// Control characters other than tab, and what no single byte holds (Node.js, `checkInvalidHeaderChar`).
// oxlint-disable-next-line no-control-regex -- they are what is looked for
const INVALID_HEADER = /[^\t\u0020-\u007E\u0080-\u00FF]/;

/** What can be said before the session is known. */
export function verifyRequest(request: {
  readonly query: Fields;
  readonly headers: Fields;
}): EngineRefusal | undefined {
  const { transport } = request.query;
  if (transport !== 'polling' && transport !== 'websocket') return REFUSED.unknownTransport;
  return INVALID_HEADER.test(request.headers['origin'] ?? '') ? REFUSED.badRequest : undefined;
}

/** A request without a sid, over HTTP. */
export function verifyPollingHandshake(request: {
  readonly method: string;
  readonly query: Fields;
}): EngineRefusal | undefined {
  if (request.method !== 'GET') return REFUSED.badMethod;
  if (request.query['transport'] === 'websocket') return REFUSED.badRequest;
  return verifyProtocol(request.query);
}

/** A missing EIO means protocol 3 (engine.io, `computeProtocolRevision`), which is not served. */
export function verifyProtocol(query: Fields): EngineRefusal | undefined {
  return query['EIO'] === '4' ? undefined : REFUSED.unsupportedProtocol;
}

/** A request with the sid of a session that exists, over HTTP. */
export function verifyPoll(query: Fields, transport: 'polling' | 'websocket'): EngineRefusal | undefined {
  const matches = query['transport'] === transport && transport === 'polling';
  return matches && query['EIO'] === '4' ? undefined : REFUSED.badRequest;
}
