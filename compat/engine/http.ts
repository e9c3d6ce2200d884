import type { EnginePacket } from '../../lambdas/ports/socketio.ts';
import type { EngineRefusal, PollResponse } from '../types.ts';
import { encodePayload } from './payload.ts';

/** An answer before CORS headers are added. */
export function payloadResponse(packets: readonly [EnginePacket, ...EnginePacket[]]): PollResponse {
  return respond(200, 'text/plain; charset=UTF-8', encodePayload(packets));
}

/** To every POST whose body was read, whatever was in it. */
export const OK: PollResponse = respond(200, 'text/html', 'ok');

export function refusalResponse({ code, message }: EngineRefusal): PollResponse {
  return respond(400, 'application/json', JSON.stringify({ code, message }));
}

/** 429; every client starts over, later. */
export function tooManyResponse(refusal: EngineRefusal, retryAfterSeconds: number): PollResponse {
  const response = refusalResponse(refusal);
  const headers = { ...response.headers, 'Retry-After': String(retryAfterSeconds) };
  return { ...response, status: 429, headers };
}

export function emptyResponse(status: number): PollResponse {
  return { status, headers: { 'Cache-Control': 'no-store' }, body: '' };
}

function respond(status: number, contentType: string, body: string): PollResponse {
  return { status, headers: { 'Content-Type': contentType, 'Cache-Control': 'no-store' }, body };
}
