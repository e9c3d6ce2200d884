import { openSession } from '../../app/open-session.ts';
import type { Deps } from '../../app/deps.ts';
import { ERROR_RULES } from '../../domain/error-rules.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import { describeError } from '../../wire/json/disclosure.ts';
import { actorOf, readAttestation } from './attestation.ts';
import { SUBPROTOCOL, offersSubprotocol } from './connect-request.ts';
import type { ProxyResponse, WebSocketEvent } from './events.ts';

/** Any other failure is 500. API Gateway passes the status on to the client, which never opens. */
const STATUS: Partial<Record<ErrorCode, number>> = { user_not_found: 403, unavailable: 503 };

/** `$connect`, after the authorizer: notes the session. A refusal says nothing but its status. */
export async function serveConnect(
  deps: Pick<Deps, 'sessions' | 'log'>,
  event: WebSocketEvent,
): Promise<ProxyResponse> {
  const { requestId, connectionId, requestTimeEpoch: at } = event.requestContext;
  try {
    const { identity, sessionId } = readAttestation(event);
    await openSession(deps, {
      identity,
      sessionId,
      connectionId: actorOf(event).connectionId,
      dialect: 'native',
      at,
    });
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
