import { EDGE_KEY_HEADER } from '../manifest/routes.ts';

/** Header names in lower case. */
type Headers = Readonly<Record<string, string | undefined>>;

/** A request as API Gateway passes it on. */
export interface Hop {
  readonly headers: Headers;
  /** Who opened the connection to API Gateway: the client, or the edge of CloudFront it went through. */
  readonly sourceIp: string | undefined;
  /** What this deployment's CloudFront distribution sends as `x-causeway-edge`. */
  readonly edgeKey: string;
}

/**
 * Address of whoever sent the request: what sign-ins are counted by, so nothing that a client can write may decide it.
 * CloudFront puts the viewer at the end of X-Forwarded-For, whatever the viewer claimed there (AWS "Request and response
 * behavior for custom origins"), and API Gateway puts CloudFront behind it. Only the key tells that CloudFront did: the
 * APIs have addresses of their own, where the list is the client's word.
 */
export function viewerAddress({ headers, sourceIp, edgeKey }: Hop): string | undefined {
  if (edgeKey === '' || !isSame(headers[EDGE_KEY_HEADER] ?? '', edgeKey)) return sourceIp;
  const viewer = (headers['x-forwarded-for'] ?? '').split(',').at(-2)?.trim();
  return viewer === undefined || viewer === '' ? sourceIp : viewer;
}

/** The headers without the key, which is nobody's business behind this. */
export function withoutEdgeKey<T extends Headers>(headers: T): T {
  const { [EDGE_KEY_HEADER]: _key, ...rest } = headers;
  return rest as T;
}

/** Takes as long for a wrong key as for the right one. */
function isSame(given: string, key: string): boolean {
  let difference = given.length ^ key.length;
  for (let at = 0; at < key.length; at++) difference |= given.charCodeAt(at) ^ key.charCodeAt(at);
  return difference === 0;
}
