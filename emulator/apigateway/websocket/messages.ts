import type { IncomingEvent } from '../../types.ts';
import { executeApiArn } from '../arns.ts';
import { mintId } from '../ids.ts';
import { callIntegration, type Integration, type IntegrationOutcome } from '../integration.ts';
import type { EdgeServices } from '../services.ts';
import type { Connection } from './connection.ts';
import { errorFrame, type FrameError } from './error-frame.ts';
import { messageEvent, type Moment } from './events.ts';
import { MOCK_PROBLEM, type MockIntegration } from './mock-integration.ts';
import type { Route, WebSocketApi } from './model.ts';
import { wait } from './wait.ts';

/** One text message on its way through a route. */
interface Message {
  readonly connection: Connection;
  readonly body: string;
  readonly moment: Moment;
  readonly event: IncomingEvent;
}

/**
 * Handles one text message. Messages of one connection are not serialised: AWS promises no order, and a slow or cold
 * function is overtaken by the next message. `api` is the current model, so a reload changes routes of open sockets.
 */
export function receiveMessage(
  services: EdgeServices,
  api: WebSocketApi,
  from: { connection: Connection; body: string },
): void {
  const { connection, body } = from;
  const now = services.clock.now();
  connection.lastActiveAt = now;
  const selected = api.select(body);
  const route = routeFor(api, selected);
  const event = services.meter.open(`${api.name} ${route?.key ?? '(no route)'}`);
  services.meter.message(event, 'in', Buffer.byteLength(body));
  const message: Message = { connection, body, moment: { requestId: mintId(), now }, event };
  if (!route) {
    services.log({
      level: 'warn',
      source: `apigateway/${api.name}`,
      message: `no route "${selected ?? ''}" and no $default: Forbidden`,
    });
    finishWith(services, message, 'Forbidden');
  } else if (api.stages.get(connection.peer.stage)?.throttle(route.key) === false)
    finishWith(services, message, 'Too Many Requests');
  else void dispatch(services, { api, route }, message);
}

/** Clients can't reach `$connect` and `$disconnect`: custom route keys don't start with `$`. */
function routeFor(api: WebSocketApi, selected: string | undefined): Route | undefined {
  const custom = selected === undefined || selected.startsWith('$') ? undefined : api.routes.get(selected);
  return custom ?? api.routes.get('$default');
}

function finishWith(services: EdgeServices, message: Message, error: FrameError): void {
  reply(
    services,
    message,
    errorFrame(error, {
      connectionId: message.connection.peer.connectionId,
      requestId: message.moment.requestId,
    }),
  );
  services.meter.close(message.event);
}

async function dispatch(
  services: EdgeServices,
  to: { api: WebSocketApi; route: Route },
  message: Message,
): Promise<void> {
  const { integration } = to.route;
  if (!integration) return services.meter.close(message.event);
  if (integration.kind === 'mock') return answerMock(services, { ...to, integration }, message);
  const duplicated = services.chaos.strikes('duplicate-message');
  await wait(services.chaos.delay('message'));
  const call = (again: boolean) => run(services, { ...to, integration, silent: again }, message);
  await Promise.all([call(false), ...(duplicated ? [call(true)] : [])]);
  services.meter.close(message.event);
}

function answerMock(
  services: EdgeServices,
  to: { api: WebSocketApi; route: Route; integration: MockIntegration },
  message: Message,
): void {
  const { status, response, logicalId } = to.integration;
  if (status === undefined) {
    const problem = `${to.route.key}: "${logicalId}": ${MOCK_PROBLEM}`;
    services.log({ level: 'error', source: `apigateway/${to.api.name}`, message: problem });
  }
  const isBroken = status === undefined || (to.route.twoWay && response === undefined);
  if (isBroken) return finishWith(services, message, 'Internal server error');
  if (to.route.twoWay && response !== undefined && response !== '') reply(services, message, response);
  services.meter.close(message.event);
}

async function run(
  services: EdgeServices,
  to: { api: WebSocketApi; route: Route; integration: Integration; silent: boolean },
  message: Message,
): Promise<void> {
  const { peer } = message.connection;
  const running = callIntegration(services, {
    integration: to.integration,
    payload: messageEvent(peer, message.moment, { routeKey: to.route.key, body: message.body }),
    sourceArn: executeApiArn(to.api, to.api.id, `${peer.stage}/${to.route.key}`),
    event: message.event,
  });
  const outcome = await running.answer;
  if (outcome.kind !== 'ok') {
    const why = `${to.route.key}: ${outcome.errorMessage}`;
    services.log({
      level: 'error',
      source: `apigateway/${to.api.name}`,
      message: why,
      fields: { connectionId: peer.connectionId },
    });
  }
  const frame = to.silent ? undefined : answerFrame(outcome, to.route.twoWay);
  if (frame?.text !== undefined) reply(services, message, frame.text);
  if (frame?.error) {
    reply(
      services,
      message,
      errorFrame(frame.error, { connectionId: peer.connectionId, requestId: message.moment.requestId }),
    );
  }
  await running.ended;
}

/** AWS: "Set up a WebSocket API integration response": for a proxy integration the `body` is the complete payload. */
function answerFrame(outcome: IntegrationOutcome, twoWay: boolean): { text?: string; error?: FrameError } {
  if (outcome.kind === 'integration-timeout') return { error: 'Endpoint request timed out' };
  if (outcome.kind !== 'ok') return { error: 'Internal server error' };
  if (!twoWay) return {};
  const response = outcome.payload as
    | { statusCode?: unknown; body?: unknown; isBase64Encoded?: unknown }
    | null
    | undefined;
  const status = Number(response?.statusCode);
  if (!(status >= 200 && status <= 299)) return { error: 'Internal server error' };
  const body = response?.body;
  if (body === undefined || body === null || body === '') return {};
  if (typeof body !== 'string') return { error: 'Internal server error' };
  return { text: response?.isBase64Encoded === true ? Buffer.from(body, 'base64').toString() : body };
}

function reply(services: EdgeServices, message: Message, text: string): void {
  if (message.connection.state !== 'open') return;
  services.meter.message(message.event, 'out', Buffer.byteLength(text));
  message.connection.send(text, services.clock.now());
}
