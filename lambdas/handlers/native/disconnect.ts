import { endSession } from '../../app/close-session.ts';
import type { Deps } from '../../app/deps.ts';
import type { Later } from '../../ports/later.ts';
import { actorOf } from './attestation.ts';
import type { ProxyResponse, WebSocketEvent } from './events.ts';

/**
 * `$disconnect`: forgets the session and its rooms. Nobody waits for the answer, and API Gateway does not repeat the event, so
 * a failure is logged and no more: what is left behind is found by the sweep.
 */
export async function serveDisconnect(
  deps: Pick<Deps, 'sessions' | 'members' | 'log'> & { readonly later: Later },
  event: WebSocketEvent,
): Promise<ProxyResponse> {
  const { requestId, connectionId, requestTimeEpoch: at } = event.requestContext;
  try {
    const actor = actorOf(event);
    await endSession(deps, { userId: actor.id, connectionId: actor.connectionId }, at);
    deps.log.info('disconnected', { requestId, connectionId, userId: actor.id });
  } catch (error) {
    deps.log.error('a closed connection was left behind', { requestId, connectionId, error });
  }
  return { statusCode: 200 };
}
