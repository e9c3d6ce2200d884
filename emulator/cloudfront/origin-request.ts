/** What CloudFront makes of a viewer's request ("Request and response behavior for custom origins"). */
import type { OriginRequestPolicy } from './origin-request-policy.ts';
import type { ChosenOrigin } from './origin-choice.ts';
import { headerOf, type Header, type ViewerRequest } from './viewer-request.ts';

export interface OriginRequest {
  readonly url: string;
  readonly headers: readonly Header[];
}

export interface Forwarding {
  readonly policy: OriginRequestPolicy;
  readonly origin: ChosenOrigin;
  /** Of the distribution, for Via. */
  readonly domain: string;
  readonly requestId: string;
  readonly isUpgrade: boolean;
}

/** Removed whatever the policy says, or set by CloudFront itself. */
const NOT_FORWARDED =
  /^(connection|expect|keep-alive|proxy-authenticate|proxy-authorization|proxy-connection|te|trailer|upgrade|host|cookie|via|x-amz-cf-id|x-edge-.*|x-forwarded-for|x-forwarded-proto|x-real-ip)$/;
/** They describe the body, which is always forwarded. */
const OF_THE_BODY = /^(content-length|transfer-encoding)$/;
const USER_AGENT = 'Amazon CloudFront';

export function originRequest(request: ViewerRequest, forwarding: Forwarding): OriginRequest {
  const { policy, origin } = forwarding;
  const query = request.query
    .split('&')
    .filter((part) => part !== '' && policy.query(part.split('=')[0] ?? ''))
    .join('&');
  return {
    url: `${origin.path}${request.uri}${query === '' ? '' : `?${query}`}`,
    headers: [
      ...viewerHeaders(request, forwarding),
      ...cookies(request, policy),
      ...ownHeaders(request, forwarding),
    ],
  };
}

function viewerHeaders({ headers }: ViewerRequest, { policy, origin }: Forwarding): Header[] {
  const replaced = new Set(origin.headers.map(([name]) => name.toLowerCase()));
  return headers.filter(([sent]) => {
    const name = sent.toLowerCase();
    if (NOT_FORWARDED.test(name) || replaced.has(name)) return false;
    return OF_THE_BODY.test(name) || policy.headers(name);
  });
}

function cookies({ headers }: ViewerRequest, policy: OriginRequestPolicy): Header[] {
  const kept = headers
    .filter(([name]) => name.toLowerCase() === 'cookie')
    .flatMap(([, value]) => value.split(/;\s*/))
    .filter((cookie) => policy.cookies(cookie.split('=')[0] ?? ''));
  return kept.length > 0 ? [['Cookie', kept.join('; ')]] : [];
}

function ownHeaders(request: ViewerRequest, forwarding: Forwarding): Header[] {
  const { policy, origin, domain, requestId, isUpgrade } = forwarding;
  const viewerHost = policy.headers('host') ? headerOf(request, 'host') : undefined;
  const hasAgent = policy.headers('user-agent') && headerOf(request, 'user-agent') !== undefined;
  const via = `${request.httpVersion} ${domain} (CloudFront)`;
  return [
    ['Host', origin.hostHeader ?? viewerHost ?? origin.host],
    ...(hasAgent ? [] : [['User-Agent', USER_AGENT] as const]),
    ['X-Amz-Cf-Id', requestId],
    ['Via', append(headerOf(request, 'via'), via)],
    ['X-Forwarded-For', append(headerOf(request, 'x-forwarded-for'), request.ip)],
    ['Connection', isUpgrade ? 'Upgrade' : 'Keep-Alive'],
    ...(isUpgrade ? [['Upgrade', headerOf(request, 'upgrade') ?? 'websocket'] as const] : []),
    ...origin.headers,
  ];
}

function append(list: string | undefined, value: string): string {
  return list === undefined ? value : `${list}, ${value}`;
}
