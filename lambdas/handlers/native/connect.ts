import type { ConnectGuard } from '../../app/connection-limit.ts';
import { openSession } from '../../app/open-session.ts';
import type { Deps } from '../../app/deps.ts';
import type { Later } from '../../ports/later.ts';
import { ERROR_RULES } from '../../domain/error-rules.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { describeError } from '../../wire/json/disclosure.ts';
import { actorOf, readAttestation } from './attestation.ts';
import { SUBPROTOCOL, offersSubprotocol } from './connect-request.ts';
import type { ProxyResponse, WebSocketEvent } from './events.ts';

/** Any other failure is 500. API Gateway passes the status on to the client, which never opens. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  user_not_found: 403,
  rate_limited: 429,
  unavailable: 503,
};

interface ConnectDeps extends Pick<Deps, 'sessions' | 'log'> {
  readonly later: Later;
  /** Absent: everybody may connect. */
  readonly guard?: ConnectGuard;
}

/** `$connect`, after the authorizer: notes the session. A refusal says nothing but its status. */
export async function serveConnect(deps: ConnectDeps, event: WebSocketEvent): Promise<ProxyResponse> {
  const { requestId, connectionId, requestTimeEpoch: at } = event.requestContext;
  try {
    const { identity, sessionId } = readAttestation(event);
    const session = { identity, sessionId, connectionId: actorOf(event).connectionId, at };
    const guard: ConnectGuard = deps.guard ?? ((_who, work) => work());
    const address = event.requestContext.identity?.sourceIp;
    await guard({ userId: identity.userId, address, at }, () =>
      openSession(deps, { ...session, dialect: 'native' }),
    );
    deps.log.info('connected', { requestId, connectionId, userId: identity.userId });
    return offersSubprotocol(event.headers)
      ? { statusCode: 200, headers: { 'Sec-WebSocket-Protocol': SUBPROTOCOL } }
      : { statusCode: 200 };
  } catch (error) {
    const { code } = describeError(error);
    deps.log[ERROR_RULES[code].logLevel]('connection refused', { requestId, connectionId, code, error });
    return { statusCode: STATUS[code] ?? 500 };
  }
}
