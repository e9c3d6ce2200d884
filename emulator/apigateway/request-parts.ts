import type { IncomingMessage } from 'node:http';

/** Path of the request as sent, without its query. */
export function pathOf(req: Pick<IncomingMessage, 'url'>): string {
  const url = req.url ?? '/';
  const at = url.indexOf('?');
  return at < 0 ? url : url.slice(0, at);
}

/** What follows the `?`, as sent; empty without one. */
export function queryStringOf(req: Pick<IncomingMessage, 'url'>): string {
  const url = req.url ?? '/';
  const at = url.indexOf('?');
  return at < 0 ? '' : url.slice(at + 1);
}

/** First segment of the path: where a stage is named. Empty for `/`. */
export function firstSegmentOf(req: Pick<IncomingMessage, 'url'>): string {
  return pathOf(req).split('/')[1] ?? '';
}

/** Names and values of the headers as sent, in order, repeated ones repeated. */
export function headerPairs(
  req: Pick<IncomingMessage, 'rawHeaders'>,
): readonly (readonly [string, string])[] {
  const { rawHeaders } = req;
  return rawHeaders.flatMap((name, at) => (at % 2 === 0 ? [[name, rawHeaders[at + 1] ?? ''] as const] : []));
}
