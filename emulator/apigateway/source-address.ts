import type { IncomingMessage } from 'node:http';

/** Address of the peer as `identity.sourceIp` shows it: IPv4 without the IPv6 mapping. */
export function sourceAddress(req: IncomingMessage): string {
  return (req.socket.remoteAddress ?? '127.0.0.1').replace(/^::ffff:/, '');
}

/** API Gateway appends the peer to what the client claims. */
export function forwardedFor(req: IncomingMessage): string {
  const claimed = req.headers['x-forwarded-for'];
  return [claimed, sourceAddress(req)].flat().filter(Boolean).join(', ');
}
