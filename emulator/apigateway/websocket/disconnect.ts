import type { IncomingEvent } from '../../types.ts';
import { executeApiArn } from '../arns.ts';
import { mintId } from '../ids.ts';
import { callIntegration } from '../integration.ts';
import type { EdgeServices } from '../services.ts';
import type { Ending } from './connection.ts';
import { disconnectEvent, type Peer } from './events.ts';
import type { WebSocketApi } from './model.ts';
import { wait } from './wait.ts';

/** What is reported of a close frame without a status code, as captured. */
const NO_STATUS = 1005;
const NO_STATUS_REASON = 'Client-side close frame status not set';

export function clientEnding(code: number, reason: string): Ending {
  return { code, reason: code === NO_STATUS ? NO_STATUS_REASON : reason };
}

/** `$disconnect` runs after the connection has closed, best effort: chaos may delay or drop it. */
export async function runDisconnect(
  services: EdgeServices,
  from: { api: WebSocketApi; peer: Peer; event: IncomingEvent },
  ending: Ending,
): Promise<void> {
  const { api, peer, event } = from;
  const integration = api.routes.get('$disconnect')?.integration;
  if (integration?.kind === 'lambda' && !services.chaos.strikes('drop-disconnect')) {
    await wait(services.chaos.delay('disconnect'));
    const running = callIntegration(services, {
      integration,
      payload: disconnectEvent(peer, { requestId: mintId(), now: services.clock.now() }, ending),
      sourceArn: executeApiArn(api, api.id, `${peer.stage}/$disconnect`),
      event,
    });
    const outcome = await running.answer;
    if (outcome.kind !== 'ok') {
      services.log({
        level: 'error',
        source: `apigateway/${api.name}`,
        message: `$disconnect: ${outcome.errorMessage}`,
      });
    }
    await running.ended;
  }
  services.meter.close(event);
}
