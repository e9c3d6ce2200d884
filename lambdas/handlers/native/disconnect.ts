import { closeSession } from '../../app/close-session.ts';
import type { Deps } from '../../app/deps.ts';
import { actorOf } from './attestation.ts';
import type { ProxyResponse, WebSocketEvent } from './events.ts';

/**
 * `$disconnect`: forgets the session and its rooms. Nobody waits for the answer, and API Gateway does not repeat the event, so
 * a failure is logged and no more: rows left behind are reaped by the next fan-out or expire.
 */
export async function serveDisconnect(
  deps: Pick<Deps, 'sessions' | 'members' | 'log'>,
  event: WebSocketEvent,
): Promise<ProxyResponse> {
  const { requestId, connectionId } = event.requestContext;
  try {
    const actor = actorOf(event);
    await closeSession(deps, { userId: actor.id, connectionId: actor.connectionId });
    deps.log.info('disconnected', { requestId, connectionId, userId: actor.id });
  } catch (error) {
    deps.log.error('a closed connection was left behind', { requestId, connectionId, error });
  }
  return { statusCode: 200 };
}
