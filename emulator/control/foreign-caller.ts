import type { IncomingMessage } from 'node:http';

const LOOPBACK_NAME = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;
const LOOPBACK_ADDRESS = /^(127\.|::1$|::ffff:127\.)/;

/**
 * Why this request isn't answered: the controls are for this machine only. The Host check keeps out a web page whose
 * own name was pointed at 127.0.0.1 (DNS rebinding), the Origin check a page of another site that just posts here.
 */
export function foreignCaller(req: IncomingMessage): string | undefined {
  if (!LOOPBACK_ADDRESS.test(req.socket.remoteAddress ?? '')) return 'The controls answer this machine only.';
  if (!LOOPBACK_NAME.test(req.headers.host ?? '')) {
    return `The controls answer under localhost, 127.0.0.1 or [::1] only, not under "${req.headers.host ?? ''}".`;
  }
  const { origin } = req.headers;
  if (origin !== undefined && !LOOPBACK_NAME.test(origin.replace(/^https?:\/\//, ''))) {
    return `The controls don't answer pages of "${origin}".`;
  }
  return undefined;
}
