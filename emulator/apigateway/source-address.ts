import type { IncomingMessage } from 'node:http';

/** Requests that a proxy of AWS has passed on, and its address. */
const proxies = new WeakMap<IncomingMessage, string>();

/** From now on the request comes from a proxy. */
export function comesFrom(req: IncomingMessage, address: string): void {
  proxies.set(req, address);
}

/** Address of the peer as `identity.sourceIp` shows it: IPv4 without the IPv6 mapping. */
export function sourceAddress(req: IncomingMessage): string {
  return proxies.get(req) ?? (req.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
}

/** API Gateway appends the peer to what the client claims. */
export function forwardedFor(req: IncomingMessage): string {
  const claimed = req.headers['x-forwarded-for'];
  return [claimed, sourceAddress(req)].flat().filter(Boolean).join(', ');
}
