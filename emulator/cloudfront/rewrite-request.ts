import type { IncomingMessage } from 'node:http';
import type { OriginRequest } from './origin-request.ts';

/** Makes the viewer's request the one to the origin: what an API sees of it from now on is what CloudFront sends. */
export function rewriteRequest(req: IncomingMessage, { url, headers }: OriginRequest): void {
  req.url = url;
  req.rawHeaders = headers.flat();
  const joined = new Map<string, string>();
  for (const [sent, value] of headers) {
    const name = sent.toLowerCase();
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before}${name === 'cookie' ? '; ' : ', '}${value}`);
  }
  req.headers = Object.fromEntries(joined);
  // "CloudFront forwards requests to your custom origin using HTTP/1.1."
  req.httpVersion = '1.1';
}
