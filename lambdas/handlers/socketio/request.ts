import type { PollRequest, UpgradeRequest } from '../../../compat/index.ts';
import type { ConnectionId } from '../../domain/ids.ts';
import { SOCKETIO_PATH } from '../../manifest/routes.ts';
import { viewerAddress, withoutEdgeKey } from '../../domain/viewer-address.ts';
import type { HttpEvent, UpgradeEvent } from './events.ts';

type Fields = Readonly<Record<string, string>>;

/** `edgeKey`: what this deployment's CloudFront sends, so that the viewer's address is believed. */
export function upgradeRequest(event: UpgradeEvent, edgeKey: string): UpgradeRequest {
  const headers = lowerCase(event.headers ?? {});
  const query = present(event.queryStringParameters ?? {});
  return {
    connectionId: event.requestContext.connectionId as ConnectionId,
    query,
    headers: withoutEdgeKey(headers),
    // The event has no path: CloudFront took it away, since API Gateway knows only that of the stage.
    url: `${SOCKETIO_PATH}/?${new URLSearchParams(query).toString()}`,
    address: viewerAddress({ headers, sourceIp: event.requestContext.identity?.sourceIp, edgeKey }) ?? '',
  };
}

export function pollRequest(event: HttpEvent, edgeKey: string): PollRequest {
  const { rawPath, rawQueryString, requestContext, cookies = [] } = event;
  const { method, sourceIp } = requestContext.http;
  const sent = lowerCase(event.headers);
  const headers = withoutEdgeKey(sent);
  return {
    method,
    query: Object.fromEntries(new URLSearchParams(rawQueryString)),
    // Format 2.0 takes cookies out of the headers.
    headers: cookies.length === 0 ? headers : { ...headers, cookie: cookies.join('; ') },
    url: rawQueryString === '' ? rawPath : `${rawPath}?${rawQueryString}`,
    address: viewerAddress({ headers: sent, sourceIp, edgeKey }) ?? '',
    at: event.requestContext.timeEpoch,
    requestId: event.requestContext.requestId,
    ...(event.body === undefined ? {} : { body: textOf(event.body, event.isBase64Encoded) }),
  };
}

function textOf(body: string, isBase64Encoded: boolean): string {
  return isBase64Encoded ? Buffer.from(body, 'base64').toString('utf8') : body;
}

function lowerCase(headers: Readonly<Record<string, string | undefined>>): Fields {
  const entries = Object.entries(present(headers)).map(
    ([name, value]) => [name.toLowerCase(), value] as const,
  );
  return Object.fromEntries(entries);
}

function present(fields: Readonly<Record<string, string | undefined>>): Fields {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
