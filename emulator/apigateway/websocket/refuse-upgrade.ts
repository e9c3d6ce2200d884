import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Refusal {
  readonly status: number;
  /** Default: the status text. */
  readonly message?: string;
  readonly connectionId?: string;
  readonly requestId: string;
}

/** Answers an upgrade request with a plain HTTP response. The client never opens. */
export function refuseUpgrade(socket: Duplex, refusal: Refusal): void {
  const { status, requestId, connectionId } = refusal;
  const text = STATUS_CODES[status] ?? 'Unknown';
  const body = JSON.stringify({ message: refusal.message ?? text, connectionId, requestId });
  socket.once('finish', () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${text}\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nx-amzn-RequestId: ${requestId}\r\n\r\n${body}`,
  );
}

/** What is wrong with the opening handshake (RFC 6455 section 4.2.1), checked before any function runs. */
export function handshakeProblem(req: {
  method?: string | undefined;
  headers: NodeJS.Dict<string | string[]>;
}): number | undefined {
  if (req.method !== 'GET') return 405;
  if (String(req.headers['upgrade']).toLowerCase() !== 'websocket') return 426;
  if (!/^[+/0-9A-Za-z]{22}==$/.test(String(req.headers['sec-websocket-key']))) return 400;
  if (String(req.headers['sec-websocket-version']) !== '13') return 400;
  return undefined;
}
