import type { IncomingMessage } from 'node:http';
import type { IncomingEvent } from '../../types.ts';
import { executeApiArn } from '../arns.ts';
import { callIntegration, type IntegrationOutcome } from '../integration.ts';
import type { EdgeServices } from '../services.ts';
import { authorize } from './authorize.ts';
import { connectEvent, type Moment, type Peer } from './events.ts';
import { MOCK_PROBLEM, type MockIntegration } from './mock-integration.ts';
import type { Stage } from './model.ts';

/** What `$connect` came to: the 101, or the status the client gets instead. */
export type Admission =
  | { readonly admitted: true; readonly peer: Peer; readonly protocol?: string }
  | { readonly admitted: false; readonly status: number; readonly message?: string; readonly why: string };

export interface Asking {
  readonly peer: Peer;
  readonly stage: Stage;
  readonly moment: Moment;
  readonly req: IncomingMessage;
  readonly event: IncomingEvent;
}

/**
 * The authorizer, then the `$connect` integration, while the upgrade is held (AWS: "Manage connected users and client
 * apps: $connect and $disconnect routes").
 */
export async function admit(services: EdgeServices, asking: Asking): Promise<Admission> {
  const route = asking.peer.api.routes.get('$connect');
  if (!route) return { admitted: true, peer: asking.peer };
  let { peer } = asking;
  let connecting = peer;
  if (route.authorizer) {
    const verdict = await authorize(services, { ...asking, authorizer: route.authorizer });
    if (!verdict.allowed) return { admitted: false, ...refusedByAuthorizer(verdict) };
    peer = { ...peer, authorizer: verdict.context };
    connecting = { ...peer, authorizer: { ...verdict.context, integrationLatency: verdict.latencyMs } };
  }
  if (!route.integration) return { admitted: true, peer };
  if (route.integration.kind === 'mock') return judgeMock(route.integration, peer);
  const running = callIntegration(services, {
    integration: route.integration,
    payload: connectEvent(connecting, asking.moment, asking.req),
    sourceArn: executeApiArn(peer.api, peer.api.id, `${asking.stage.name}/$connect`),
    event: asking.event,
  });
  return judge(await running.answer, peer);
}

function refusedByAuthorizer(verdict: { status: 401 | 403 | 500; why: string }) {
  const messages = {
    401: 'Unauthorized',
    403: 'User is not authorized to access this resource with an explicit deny',
    500: 'Internal server error',
  };
  return { ...verdict, message: messages[verdict.status] };
}

/** Observed: a request template that gives no integer refuses the handshake with 500. */
function judgeMock({ logicalId, status }: MockIntegration, peer: Peer): Admission {
  if (status === undefined) {
    const why = `"${logicalId}": ${MOCK_PROBLEM}`;
    return { admitted: false, status: 500, message: 'Internal server error', why };
  }
  if (status >= 300) return { admitted: false, status, why: `"${logicalId}" answers ${status}` };
  return { admitted: true, peer };
}

function judge(outcome: IntegrationOutcome, peer: Peer): Admission {
  if (outcome.kind === 'integration-timeout')
    return { admitted: false, status: 504, message: 'Endpoint request timed out', why: outcome.errorMessage };
  if (outcome.kind === 'forbidden')
    return { admitted: false, status: 500, message: 'Internal server error', why: outcome.errorMessage };
  if (outcome.kind !== 'ok')
    return { admitted: false, status: 502, message: 'Internal server error', why: outcome.errorMessage };
  const response = outcome.payload as { statusCode?: unknown; headers?: unknown } | null | undefined;
  const status = Number(response?.statusCode);
  if (!Number.isInteger(status) || status < 200 || status > 599) {
    return {
      admitted: false,
      status: 502,
      message: 'Internal server error',
      why: 'the function returned no valid statusCode',
    };
  }
  if (status >= 300) return { admitted: false, status, why: `the function answered ${status}` };
  const protocol = protocolOf(response?.headers);
  return { admitted: true, peer, ...(protocol !== undefined && { protocol }) };
}

/** "The integration's Sec-WebSocket-Protocol response header is returned to the client"; other headers are not. */
function protocolOf(headers: unknown): string | undefined {
  if (typeof headers !== 'object' || headers === null) return undefined;
  const found = Object.entries(headers).find(([name]) => name.toLowerCase() === 'sec-websocket-protocol');
  return typeof found?.[1] === 'string' && found[1] !== '' ? found[1] : undefined;
}
