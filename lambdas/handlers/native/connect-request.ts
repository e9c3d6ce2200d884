import type { AuthorizerEvent, Headers } from './events.ts';

/** Offered together with the token by browsers, which cannot set headers: `new WebSocket(url, ['causeway', token])`. */
export const SUBPROTOCOL = 'causeway';

/** The token of an upgrade request: `?token=`, else `Authorization: Bearer`, else the subprotocol after `causeway`. */
export function tokenOf(event: AuthorizerEvent): string | undefined {
  const candidates = [
    event.queryStringParameters?.['token'],
    bearer(event.headers),
    offeredToken(event.headers),
  ];
  return candidates.find((token) => token !== undefined && token !== '');
}

/** A browser fails the connection unless one of the subprotocols it offered is echoed (RFC 6455, 4.1); never the token. */
export function offersSubprotocol(headers: Headers | undefined): boolean {
  return offered(headers).includes(SUBPROTOCOL);
}

function bearer(headers: Headers | undefined): string | undefined {
  return /^Bearer\s+(\S+)\s*$/i.exec(header(headers, 'authorization') ?? '')?.[1];
}

function offeredToken(headers: Headers | undefined): string | undefined {
  const protocols = offered(headers);
  const index = protocols.indexOf(SUBPROTOCOL);
  return index === -1 ? undefined : protocols[index + 1];
}

function offered(headers: Headers | undefined): readonly string[] {
  return (header(headers, 'sec-websocket-protocol') ?? '').split(',').map((protocol) => protocol.trim());
}

/** API Gateway passes header names as the client wrote them. */
function header(headers: Headers | undefined, name: string): string | undefined {
  return Object.entries(headers ?? {}).find(([key]) => key.toLowerCase() === name)?.[1];
}
