import { besides } from '../../lambdas/app/rate-limit.ts';
import { addressKey } from '../../lambdas/domain/address-key.ts';
import { EXPIRY } from '../../lambdas/manifest/limits.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import type { EngineRefusal, PollRequest, PollResponse } from '../types.ts';
import { corsHeaders, preflightHeaders } from './cors.ts';
import type { Engine } from './deps.ts';
import { newSession } from './handshake.ts';
import { emptyResponse, payloadResponse, refusalResponse, tooManyResponse } from './http.ts';
import { openPacket } from './packets.ts';
import { pollGet } from './poll-get.ts';
import { pollPost } from './poll-post.ts';
import { REFUSED } from './refusals.ts';
import { mintEngineId, parseEngineId } from './session-id.ts';
import { verifyPoll, verifyPollingHandshake, verifyRequest } from './verify.ts';

/** Everything under /socket.io/ on the HTTP API. */
export async function poll(engine: Engine, request: PollRequest): Promise<PollResponse> {
  const { cors } = engine.options;
  if (request.method === 'OPTIONS' && cors.origins.length > 0) {
    return { status: 204, headers: preflightHeaders(cors, request.headers), body: '' };
  }
  const response = await answer(engine, request);
  return { ...response, headers: { ...response.headers, ...corsHeaders(cors, request.headers) } };
}

async function answer(engine: Engine, request: PollRequest): Promise<PollResponse> {
  const refusal = verifyRequest(request);
  if (refusal !== undefined) return refusalResponse(refusal);
  const sid = request.query['sid'] ?? '';
  return sid === '' ? open(engine, request) : serve(engine, request, parseEngineId(sid));
}

async function open(engine: Engine, request: PollRequest): Promise<PollResponse> {
  const { stores, clock, random, options, rates } = engine;
  const refusal = verifyPollingHandshake(request);
  if (refusal !== undefined) return refusalResponse(refusal);
  const openedAt = clock.now();
  const allowed = await rates.use({ of: { connects: addressKey(request.address) }, at: openedAt });
  if (!allowed.ok) return tooManyResponse(REFUSED.tooManyConnects, allowed.retryAfterSeconds);
  const sid = mintEngineId(random, openedAt, options.heartbeat.pingIntervalMs);
  const session = newSession(sid, request, { transport: 'polling', openedAt });
  await besides(allowed.told, () => stores.sessions.open(session, openedAt + EXPIRY.sessionSeconds * 1000));
  return payloadResponse([openPacket(sid, 'polling', options)]);
}

async function serve(engine: Engine, request: PollRequest, sid: EngineId | undefined): Promise<PollResponse> {
  const session = sid === undefined ? undefined : await engine.stores.sessions.get(sid);
  if (session === undefined) return refusalResponse(REFUSED.unknownSession);
  const refusal: EngineRefusal | undefined = verifyPoll(request.query, session.transport);
  if (refusal !== undefined && session.closed === undefined) return refusalResponse(refusal);
  switch (request.method) {
    case 'GET':
      return pollGet(engine, session, request.at);
    case 'POST':
      return pollPost(engine, session, request);
    default:
      // As the stock server's transport does for methods it does not know.
      return session.closed === undefined ? emptyResponse(500) : refusalResponse(REFUSED.unknownSession);
  }
}
