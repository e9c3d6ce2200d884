import type { Millis } from '../../lambdas/domain/entities.ts';
import type { EngineId, EngineSession, StoredHandshake } from '../../lambdas/ports/socketio.ts';

/** What the first request of a session says. Header names in lower case. */
export interface FirstRequest {
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly url: string;
  readonly address: string;
}

/**
 * Headers that AWS adds, or that concern one hop. They are not kept: every write of a session costs by the KB, and to the
 * application they say nothing about its client.
 */
const NOT_KEPT =
  /^(connection|upgrade|content-length|via|sec-websocket-(key|version|extensions)|x-amz-.*|x-amzn-.*|cloudfront-.*)$/;

export function newSession(
  sid: EngineId,
  request: FirstRequest,
  { transport, openedAt }: { readonly transport: 'polling' | 'websocket'; readonly openedAt: Millis },
): EngineSession {
  const { query } = request;
  return {
    sid,
    transport,
    handshake: handshakeOf(request, openedAt),
    openedAt,
    seenAt: openedAt,
    base64: (query['b64'] ?? '') !== '',
    sockets: {},
    outbox: [],
    partial: [],
  };
}

function handshakeOf({ query, headers, url, address }: FirstRequest, issued: Millis): StoredHandshake {
  const kept = Object.entries(headers).filter(([name]) => !NOT_KEPT.test(name));
  // CloudFront talks TLS to API Gateway whatever its viewer does.
  const scheme = headers['cloudfront-forwarded-proto'] ?? headers['x-forwarded-proto'];
  return { headers: Object.fromEntries(kept), query, url, address, issued, secure: scheme !== 'http' };
}
