import type { EngineRefusal } from '../types.ts';

/** Engine.IO's table of errors (engine.io, `Server.errors` and `errorMessages`). 4 is `allowRequest`'s, with words of its own. */
export const REFUSED = {
  unknownTransport: { code: 0, message: 'Transport unknown' },
  unknownSession: { code: 1, message: 'Session ID unknown' },
  badMethod: { code: 2, message: 'Bad handshake method' },
  badRequest: { code: 3, message: 'Bad request' },
  tooManyConnects: { code: 4, message: 'Too many connections' },
  unsupportedProtocol: { code: 5, message: 'Unsupported protocol version' },
} as const satisfies Record<string, EngineRefusal>;
