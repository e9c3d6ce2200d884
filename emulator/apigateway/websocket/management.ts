import { isUtf8 } from 'node:buffer';
import { awsError } from '../../aws/aws-error.ts';
import type { AwsRequest, AwsResponse, AwsServiceHandler, Authorize } from '../../types.ts';
import { apiIdOfHost, executeApiArn } from '../arns.ts';
import { isConnectionId } from '../ids.ts';
import { pathOf } from '../request-parts.ts';
import type { EdgeServices } from '../services.ts';
import { ENDINGS, type Connection } from './connection.ts';
import type { WebSocketApi } from './model.ts';
import { wait } from './wait.ts';
import { MAXIMUM_MESSAGE_BYTES } from './watch-frames.ts';
import type { WebSocketApis } from './websocket-apis.ts';

/** From here on "the WebSocket client side buffer is full" (LimitExceededException). AWS publishes no number. */
const MAXIMUM_BUFFERED_BYTES = 1024 * 1024;
const METHODS = ['POST', 'GET', 'DELETE'];

interface Target {
  readonly api: WebSocketApi;
  readonly stage: string;
  readonly id: string;
}

/** The @connections management API (AWS: "Use @connections commands in your backend service"). */
export function createManagementApi(services: EdgeServices, apis: WebSocketApis): AwsServiceHandler {
  return {
    service: 'execute-api',
    async handle(request, authorize) {
      const target = locate(request, apis);
      if (!target || !METHODS.includes(request.method))
        return failure(403, 'ForbiddenException', 'Forbidden');
      const refusal = authorizeTarget(request, target, authorize);
      if (refusal !== undefined) return failure(403, 'AccessDeniedException', refusal);
      if (!isConnectionId(target.id))
        return failure(400, 'BadRequestException', `Invalid connectionId: ${target.id}`);
      if (request.method === 'POST') await wait(services.chaos.delay('post'));
      const connection = apis.connections.get(target.id);
      if (
        !connection?.reachable ||
        connection.peer.api.id !== target.api.id ||
        connection.peer.stage !== target.stage
      )
        return gone();
      if (request.method === 'DELETE') {
        apis.connections.end(connection, ENDINGS.deleted);
        return { status: 204 };
      }
      return perform(services, request, connection);
    },
  };
}

function perform(services: EdgeServices, request: AwsRequest, connection: Connection): AwsResponse {
  if (request.method === 'POST') return post(services, request, connection);
  return {
    status: 200,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(describe(connection)),
  };
}

function post(services: EdgeServices, request: AwsRequest, connection: Connection): AwsResponse {
  if (request.body.length > MAXIMUM_MESSAGE_BYTES)
    return failure(413, 'PayloadTooLargeException', 'Message too long');
  if (services.chaos.strikes('throttle-post'))
    return failure(429, 'LimitExceededException', 'Too Many Requests');
  if (services.chaos.strikes('fail-post'))
    return failure(500, 'InternalServerError', 'Internal server error');
  const isLost = services.chaos.strikes('lose-post');
  if (connection.buffered > MAXIMUM_BUFFERED_BYTES)
    return failure(429, 'LimitExceededException', 'The client is too slow: its buffer is full');
  services.meter.message(request.event, 'out', request.body.length);
  // Always a text frame. One that is no UTF-8 would make the client fail the connection.
  connection.send(isUtf8(request.body) ? request.body : request.body.toString(), services.clock.now());
  // It has gone out, and whoever asked for it does not know.
  return isLost ? failure(504, 'GatewayTimeoutException', 'Endpoint request timed out') : { status: 200 };
}

function describe(connection: Connection) {
  return {
    connectedAt: new Date(connection.peer.connectedAt).toISOString(),
    identity: connection.peer.identity,
    lastActiveAt: new Date(connection.lastActiveAt).toISOString(),
  };
}

/**
 * `/<stage>/@connections/<id>` on the API's own host. `%40connections` and `%3D` are accepted as sent by various
 * clients. On a loopback host (an SDK client given the emulator's endpoint) the connection id finds the API.
 */
function locate(request: AwsRequest, { apis, connections }: WebSocketApis): Target | undefined {
  const segments = pathOf({ url: request.path }).split('/').slice(1).map(decode);
  const [stage, marker, id] = segments;
  if (segments.length !== 3 || stage === undefined || id === undefined || marker !== '@connections')
    return undefined;
  const host = apiIdOfHost(request.host);
  const candidates = apis.filter(
    (api) => api.stages.get(stage)?.deployed && (isLoopback(request.host) || api.id === host),
  );
  const api =
    candidates.find((candidate) => candidate.id === connections.get(id)?.peer.api.id) ?? candidates[0];
  return api && { api, stage, id };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function isLoopback(host: string): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host);
}

function authorizeTarget(request: AwsRequest, target: Target, authorize: Authorize): string | undefined {
  const { api, stage, id } = target;
  return authorize(
    request,
    'execute-api:ManageConnections',
    executeApiArn(api, api.id, `${stage}/${request.method}/@connections/${id}`),
  );
}

/** Without a body, as AWS: SDKs go by the status and the header. */
function gone(): AwsResponse {
  return { status: 410, headers: { 'x-amzn-errortype': 'GoneException' } };
}

function failure(status: number, code: string, message: string): AwsResponse {
  return awsError('execute-api', { status, code, message });
}
