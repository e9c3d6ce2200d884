import { UNLIMITED } from '../../lambdas/app/rate-limit.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { EnginePacket } from '../../lambdas/ports/socketio.ts';
import type { Bridge, PollRequest, PollResponse, Runtime } from '../types.ts';
import { admit } from './admit.ts';
import { corsHeaders } from './cors.ts';
import { DEADLINE_MS, inTime } from './deadline.ts';
import type { BridgeDeps, Engine } from './deps.ts';
import { disconnected } from './disconnected.ts';
import { frame, type Frame } from './frame.ts';
import { createFresh, type Fresh } from './fresh.ts';
import { emptyResponse } from './http.ts';
import { poll } from './poll.ts';
import { createSessions } from './sessions.ts';
import { createSweep } from './sweep.ts';

/** Engine.IO on API Gateway, Lambda and the stores; see compat/types.ts for what each call promises. Once per instance. */
export function createBridge(deps: BridgeDeps): Bridge {
  const engine = createEngine(deps);
  const fresh = createFresh(deps.clock);
  return {
    admit: (upgrade) => admit(engine, fresh, upgrade),
    frame: (message) => serveFrame(engine, fresh, message),
    disconnected: (gone) => inTime(DEADLINE_MS, disconnected(engine, fresh, gone)),
    poll: (request) => servePoll(engine, request),
    sweep: createSweep(engine),
  };
}

function createEngine(deps: BridgeDeps): Engine {
  const { stores, clock, log, options, application, createRuntime } = deps;
  // The runtime ends sessions, and ending one runs the application: each needs the other.
  const sessions = createSessions(deps, () => runtime);
  const runtime: Runtime = createRuntime({ stores, sessions, clock, log, options, application });
  return { ...deps, sessions, runtime, rates: deps.rates ?? UNLIMITED };
}

async function serveFrame(engine: Engine, fresh: Fresh, message: Frame): Promise<EnginePacket | undefined> {
  try {
    return await inTime(DEADLINE_MS, frame(engine, fresh, message));
  } catch (error) {
    // The client may wait for an answer that never comes, some of them for ever: it has to connect again.
    engine.log.error('a frame could not be served', { connectionId: message.connectionId, error });
    await cut(engine, message.connectionId);
    return undefined;
  }
}

/** What is left after the deadline. */
const CUT_MS = 1_000;

async function cut({ gateway, log }: Engine, connectionId: ConnectionId): Promise<void> {
  try {
    await inTime(CUT_MS, gateway.close(connectionId));
  } catch (error) {
    log.warn('a connection could not be closed', { connectionId, error });
  }
}

async function servePoll(engine: Engine, request: PollRequest): Promise<PollResponse> {
  try {
    return await inTime(DEADLINE_MS, poll(engine, request));
  } catch (error) {
    // Any status but 200 makes every client start over.
    engine.log.error('a poll could not be served', { method: request.method, error });
    const response = emptyResponse(503);
    const cors = corsHeaders(engine.options.cors, request.headers);
    return { ...response, headers: { ...response.headers, ...cors } };
  }
}
