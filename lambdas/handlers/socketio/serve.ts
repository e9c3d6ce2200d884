import type { Bridge } from '../../../compat/index.ts';
import type { ConnectionId } from '../../domain/ids.ts';
import { ROUTE } from '../../manifest/routes.ts';
import type { Log } from '../../ports/runtime.ts';
import type { EngineId } from '../../ports/socketio.ts';
import type { MessageEvent, ProxyResponse } from '../native/events.ts';
import { type AuthorizerResult, authorize } from './authorize.ts';
import { isUpgrade, type SocketIoEvent } from './events.ts';

interface Deps {
  readonly bridge: Bridge;
  readonly log: Log;
  readonly edgeKey: string;
}

/** Everything API Gateway sends for the Socket.IO API. Never throws: a client takes the gateway's error frame for the end. */
export async function serve(deps: Deps, event: SocketIoEvent): Promise<AuthorizerResult | ProxyResponse> {
  return isUpgrade(event) ? authorize(deps, event) : route(deps, event);
}

async function route({ bridge, log }: Deps, event: MessageEvent): Promise<ProxyResponse> {
  // Before anything that takes time. Date.now() has whole milliseconds only, as API Gateway's instants have.
  const began = performance.timeOrigin + performance.now();
  const { routeKey, requestId, requestTimeEpoch: at, authorizer } = event.requestContext;
  const connectionId = event.requestContext.connectionId as ConnectionId;
  // What the authorizer said at $connect.
  const told = authorizer?.['sid'];
  const sid = (typeof told === 'string' ? told : '') as EngineId;
  try {
    if (routeKey === ROUTE.disconnect) {
      await bridge.disconnected({ sid, connectionId });
      return { statusCode: 200 };
    }
    const reply = await bridge.frame({ sid, connectionId, body: event.body ?? '', requestId, at, began });
    return reply === undefined ? { statusCode: 200 } : { statusCode: 200, body: reply };
  } catch (error) {
    log.error('an event was not served', { routeKey, requestId, connectionId, error });
    return { statusCode: 200 };
  }
}
