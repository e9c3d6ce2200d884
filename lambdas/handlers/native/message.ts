import type { CommandDeps } from '../../app/handle-command.ts';
import { handleCommand } from '../../app/handle-command.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { limited, type RateLimiter, UNLIMITED } from '../../app/rate-limit.ts';
import { ERROR_RULES } from '../../domain/error-rules.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { parseConnectionId } from '../../domain/ids.ts';
import { fail } from '../../domain/result.ts';
import { ROUTE } from '../../manifest/routes.ts';
import type { RefusedRequest, Request } from '../../wire/decode.ts';
import { decodeFrame } from '../../wire/decode.ts';
import { encodeError, encodeReply } from '../../wire/encode.ts';
import { DISCLOSURE, describeError } from '../../wire/json/disclosure.ts';
import { actorOf } from './attestation.ts';
import type { MessageEvent, ProxyResponse } from './events.ts';

interface MessageDeps extends CommandDeps {
  /** Absent: as much as they like. */
  readonly rates?: RateLimiter;
}

/** The answer frame rides the route response, which costs no call of the management API. Undefined: nothing to say. */
type Answer = { readonly frame?: string; readonly failed?: ErrorCode };

/**
 * Serves every message route. Never throws and never answers another status than 200: API Gateway would send a frame of
 * its own making, `{"message": "Internal server error", …}`, that no client of this protocol understands.
 */
export async function serveMessage(deps: MessageDeps, event: MessageEvent): Promise<ProxyResponse> {
  const decoded = routed(event, decodeFrame(event.body ?? ''));
  const answer = decoded.ok ? await execute(deps, event, decoded.value) : refuse(deps, event, decoded.error);
  if (answer.failed !== undefined && DISCLOSURE[answer.failed].closes) return end(deps, event, answer);
  return answer.frame === undefined ? { statusCode: 200 } : { statusCode: 200, body: answer.frame };
}

/** The route decides: a known action that came in by `$default` belongs to a deployment that lacks its route. */
function routed(
  event: MessageEvent,
  decoded: ReturnType<typeof decodeFrame>,
): ReturnType<typeof decodeFrame> {
  if (!decoded.ok || event.requestContext.routeKey !== ROUTE.default) return decoded;
  const { id } = decoded.value;
  const message = 'This deployment has no route for the action.';
  return fail({ code: 'unknown_action', message, field: 'action', ...(id === undefined ? {} : { id }) });
}

async function execute(deps: MessageDeps, event: MessageEvent, request: Request): Promise<Answer> {
  const { command, id, replyAlways } = request;
  const { requestTimeEpoch: at, requestId } = event.requestContext;
  try {
    const actor = actorOf(event);
    const use = { of: { socket: actor.connectionId, user: actor.id }, at };
    const reply = await limited(deps.rates ?? UNLIMITED, use, () =>
      handleCommand(deps, { actor, arrival: { at, requestId, handledAt: systemClock.now() }, command }),
    );
    deps.log.debug('message served', { ...trace(event), command: command.kind });
    return id === undefined && !replyAlways ? {} : { frame: encodeReply(reply, id) };
  } catch (error) {
    const told = describeError(error);
    deps.log[ERROR_RULES[told.code].logLevel]('message refused', {
      ...trace(event),
      command: command.kind,
      code: told.code,
      error,
    });
    return { frame: encodeError(told, id), failed: told.code };
  }
}

function refuse(deps: MessageDeps, event: MessageEvent, { id, ...error }: RefusedRequest): Answer {
  deps.log.debug('frame refused', { ...trace(event), code: error.code, field: error.field });
  return { frame: encodeError(error, id), failed: error.code };
}

/** Says why, then closes. Both by the management API: a route response would come too late, after the close. */
async function end(deps: MessageDeps, event: MessageEvent, answer: Answer): Promise<ProxyResponse> {
  const connectionId = parseConnectionId(event.requestContext.connectionId);
  if (connectionId === undefined) return { statusCode: 200 };
  const address = { connectionId, dialect: 'native' } as const;
  try {
    if (answer.frame !== undefined) await deps.gateway.post(address, answer.frame);
    await deps.gateway.close(address);
  } catch (error) {
    // It stays open, then; the next frame meets the same end.
    deps.log.warn('a connection could not be closed', { ...trace(event), error });
  }
  return { statusCode: 200 };
}

function trace({ requestContext: { requestId, connectionId } }: MessageEvent) {
  return { requestId, connectionId };
}
