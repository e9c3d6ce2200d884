import {
  type ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import type { DialectName, Millis } from '../../domain/entities.ts';
import { API_GATEWAY } from '../../manifest/limits.ts';
import type { Address, Connections, InspectableGateway, PostOutcome } from '../../ports/gateway.ts';
import { httpStatus, translateAwsError } from '../aws-errors.ts';
import { translateUnrepeatable } from '../undone.ts';

/**
 * Outcomes by HTTP status, never by error name: the body of a 410 is not always JSON, and then the SDK cannot name the
 * error. 429 comes after the SDK's own retries. Everything else rejects: 5xx, network and timeouts as `unavailable`, InDoubt
 * where the frame may have been sent all the same,
 * 403 (missing permission, or a stage that is not deployed) as `internal`. An id that no connection can have is gone as well.
 */
const OUTCOME: Readonly<Record<number, PostOutcome>> = {
  400: 'gone',
  410: 'gone',
  413: 'too-large',
  429: 'throttled',
};

export function createGateway(options: {
  /** One client per WebSocket API: the dialect of a connection says which API holds it. */
  readonly clients: Readonly<Record<DialectName, ApiGatewayManagementApiClient>>;
}): InspectableGateway {
  const { clients } = options;
  return {
    post: (to, frame) => post(clients[to.dialect], to, frame),
    close: (address) => close(clients[address.dialect], address),
    look: (address) => look(clients[address.dialect], address),
  };
}

/** One API alone: the Socket.IO bridge serves no other. */
export function createConnections(client: ApiGatewayManagementApiClient): Connections {
  return {
    post: (connectionId, frame) => post(client, { connectionId }, frame),
    close: (connectionId) => close(client, { connectionId }),
  };
}

/** Gone, or an id that no connection has. */
const CLOSED = new Set([410, 400]);

type Peer = Pick<Address, 'connectionId'>;

async function post(client: ApiGatewayManagementApiClient, to: Peer, frame: string): Promise<PostOutcome> {
  const data = new TextEncoder().encode(frame);
  if (data.byteLength > API_GATEWAY.messageBytes) return 'too-large';
  try {
    await client.send(new PostToConnectionCommand({ ConnectionId: to.connectionId, Data: data }));
    return 'sent';
  } catch (error) {
    const outcome = OUTCOME[httpStatus(error) ?? 0];
    if (outcome !== undefined) return outcome;
    throw translateUnrepeatable(error);
  }
}

async function close(client: ApiGatewayManagementApiClient, address: Peer): Promise<void> {
  try {
    await client.send(new DeleteConnectionCommand({ ConnectionId: address.connectionId }));
  } catch (error) {
    if (!CLOSED.has(httpStatus(error) ?? 0)) throw translateAwsError(error);
  }
}

async function look(
  client: ApiGatewayManagementApiClient,
  address: Peer,
): ReturnType<InspectableGateway['look']> {
  try {
    const answer = await client.send(new GetConnectionCommand({ ConnectionId: address.connectionId }));
    return { connectedAt: instant(answer.ConnectedAt), lastActiveAt: instant(answer.LastActiveAt) };
  } catch (error) {
    if (httpStatus(error) === 410) return 'gone';
    throw translateAwsError(error);
  }
}

/** Always there, though the SDK's type does not say so. */
function instant(date: Date | undefined): Millis {
  return date?.getTime() ?? 0;
}
