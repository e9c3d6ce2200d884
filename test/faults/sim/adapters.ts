import type { MemoryStores } from '../../../lambdas/adapters/memory/memory-stores.ts';
import type { Identity } from '../../../lambdas/domain/entities.ts';
import { CausewayError } from '../../../lambdas/domain/errors.ts';
import type { Email, UserId } from '../../../lambdas/domain/ids.ts';
import type { Connections, InspectableGateway } from '../../../lambdas/ports/gateway.ts';
import type { Later } from '../../../lambdas/ports/later.ts';
import type { Log } from '../../../lambdas/ports/runtime.ts';
import type { SocketIoStores } from '../../../lambdas/ports/socketio.ts';
import type { Adapters } from './handlers.ts';
import { remote, remotes, type Trouble } from './ports.ts';

/** What all instances share: the table, the gateway, the queue, and Lambda itself. */
export interface Cloud {
  readonly stores: MemoryStores;
  readonly socketIo: SocketIoStores;
  readonly gateway: InspectableGateway;
  /** The Socket.IO API alone. */
  readonly connections: Connections;
  readonly later: Later;
  /** Fulfilled once Lambda has queued the event. */
  readonly lambda: { invoke(name: string, event: object | string): Promise<void> };
  readonly log: Log;
  readonly tokenMs: number;
  readonly now: () => number;
}

/** The cloud as one instance reaches it, with the instance's own clock; by the names of the adapters' exports. */
export function adaptersFor(cloud: Cloud, trouble: Trouble): Adapters {
  // Their faults are the gateway's own.
  const plain = { ...trouble, weather: { ...trouble.weather, slowStore: 0, failedStore: 0, lostStore: 0 } };
  const stores = remotes(cloud.stores, trouble);
  const socketIo = remotes(cloud.socketIo, trouble);
  const gateway = remote(cloud.gateway, plain);
  const connections = remote(cloud.connections, plain);
  const later = remote(cloud.later, trouble, 'later');
  const lambda = remote(cloud.lambda, trouble, 'lambda');
  const known: Readonly<Record<string, (...args: never[]) => unknown>> = {
    createDynamoStores: () => stores,
    createSocketIoStores: () => socketIo,
    createEngineSessionStore: () => socketIo.sessions,
    createReachedSessions: () => socketIo.sessions,
    createSocketIndex: () => socketIo.sockets,
    createPacketLog: () => socketIo.packets,
    createAckStore: () => socketIo.acks,
    createGateway: () => gateway,
    createConnections: () => connections,
    createLater: () => later,
    createAsyncInvoke: (_client: unknown, name: string) => (event: object | string) =>
      lambda.invoke(name, event),
    createLogger: () => cloud.log,
    systemClock: () => ({ now: () => cloud.now() + trouble.instance.skewMs }),
    createAuthenticator: () => ({ verify: (token: string | undefined) => verify(token, cloud) }),
  };
  return (name, args) => {
    const make = known[name];
    if (make !== undefined) return make(...(args as never[]));
    const store = /^create(\w+)Store$/.exec(name)?.[1]?.replace(/^./, (first) => first.toLowerCase());
    const byName: Readonly<Record<string, unknown>> = { ...stores };
    if (store !== undefined) return byName[store] ?? byName[`${store}s`] ?? missing(name);
    // Clients of the SDK and the like.
    return {};
  };
}

function missing(name: string): never {
  throw new Error(`The simulation has nothing for ${name}: see test/faults/sim/adapters.ts`);
}

/** A token is the name of its bearer. */
async function verify(credential: string | undefined, { now, tokenMs }: Cloud): Promise<Identity> {
  const name = credential?.replace(/^Bearer\s+/i, '');
  if (name === undefined || name === '') throw new CausewayError('token_missing', 'Token missing');
  return {
    userId: userIdOf(name),
    username: name,
    email: `${name}@example.com` as Email,
    expiresAt: now() + tokenMs,
    builtIn: true,
  };
}

export const userIdOf = (name: string): UserId => `user-${name}` as UserId;
