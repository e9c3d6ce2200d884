import type { IncomingMessage } from 'node:http';
import { headerPairs, pathOf, queryStringOf } from '../apigateway/request-parts.ts';
import { sourceAddress } from '../apigateway/source-address.ts';

export type Header = readonly [name: string, value: string];

/** A request on its way through CloudFront, before it is made one to an origin. */
export interface ViewerRequest {
  readonly method: string;
  /** As sent, without the query. */
  readonly uri: string;
  /** What follows the `?`, as sent. */
  readonly query: string;
  /** As sent, in order. */
  readonly headers: readonly Header[];
  /** Address of the viewer. */
  readonly ip: string;
  readonly httpVersion: string;
}

export function viewerRequest(req: IncomingMessage, rootObject: string | undefined): ViewerRequest {
  const uri = pathOf(req);
  return {
    method: req.method ?? 'GET',
    uri: uri === '/' && rootObject !== undefined ? `/${rootObject}` : uri,
    query: queryStringOf(req),
    headers: headerPairs(req),
    ip: sourceAddress(req),
    httpVersion: req.httpVersion,
  };
}

export function headerOf({ headers }: Pick<ViewerRequest, 'headers'>, name: string): string | undefined {
  return headers.find(([sent]) => sent.toLowerCase() === name)?.[1];
}

/** "The maximum length of a request, including the path, the query string and headers, is 20,480 bytes … of this URL 8192 bytes." */
export function isTooLong({ uri, query, headers }: ViewerRequest): boolean {
  const url = uri.length + query.length;
  return url > 8192 || headers.reduce((sum, [name, value]) => sum + name.length + value.length, url) > 20_480;
}

/** "If a viewer GET request includes a body, CloudFront returns an HTTP status code 403." */
export function isGetWithBody(request: ViewerRequest): boolean {
  if (request.method !== 'GET') return false;
  const length = headerOf(request, 'content-length');
  return (length !== undefined && length !== '0') || headerOf(request, 'transfer-encoding') !== undefined;
}
