import { Server, type ServerOptions } from 'socket.io';

import { BridgeAdapter } from '../adapter/bridge-adapter.ts';
import { register } from './registration.ts';

type Options = Partial<ServerOptions>;
type Listening = ConstructorParameters<typeof Server>[0];

/**
 * socket.io's Server as application files get it: made in any of the usual ways, it never listens. API Gateway does, and
 * the deployment's Server is the one made here.
 */
export class BridgeServer extends Server {
  constructor(server?: Listening, options?: Options) {
    const given = { ...(isOptions(server) ? server : options) };
    const notes = refuse(given);
    super({ ...meaningful(given), adapter: BridgeAdapter });
    register({ server: this, notes });
  }

  /** API Gateway listens. */
  override attach(): this {
    return this;
  }

  override listen(): this {
    return this;
  }

  override attachApp(): void {}

  /** Other instances would go on serving. */
  override close(done?: (error?: Error) => void): Promise<void> {
    done?.();
    return Promise.resolve();
  }
}

/** As socket.io tells them apart: what can listen is a server. */
function isOptions(value: unknown): value is Options {
  return typeof value === 'object' && value !== null && !('listen' in value);
}

/** The others would make socket.io prepare to listen, with packages that are not in a function's bundle. */
function meaningful({ path, connectionStateRecovery, cleanupEmptyChildNamespaces }: Options): Options {
  const { skipMiddlewares = true } = connectionStateRecovery ?? {};
  return {
    ...(path === undefined ? {} : { path }),
    connectionStateRecovery: { skipMiddlewares },
    cleanupEmptyChildNamespaces: cleanupEmptyChildNamespaces ?? false,
  };
}

/** Options that the deployment's configuration decides, or that nothing here asks. */
const ELSEWHERE = {
  adapter: 'the rooms of all instances are kept in the table',
  allowEIO3: 'clients of version 2 are not served',
  allowRequest: 'requests are answered by API Gateway; use a namespace middleware (io.use)',
  allowUpgrades: 'both transports are always offered',
  connectTimeout: 'set limits.connectTimeoutMs in the configuration',
  cookie: 'no cookie is set',
  cors: 'set cors in the configuration',
  httpCompression: 'CloudFront compresses',
  maxHttpBufferSize: 'set limits.maxPayloadBytes in the configuration',
  perMessageDeflate: 'API Gateway does not compress',
  pingInterval: 'set heartbeat.pingIntervalMs in the configuration',
  pingTimeout: 'set heartbeat.pingTimeoutMs in the configuration',
  transports: 'both transports are always offered',
  wsEngine: 'API Gateway speaks WebSocket',
} as const;

function refuse(options: Options): readonly string[] {
  if (options.parser !== undefined)
    throw new Error('The option `parser` of Socket.IO is not supported: API Gateway carries text');
  const notes = Object.entries(ELSEWHERE)
    .filter(([name]) => options[name as keyof Options] !== undefined)
    .map(([name, why]) => `The Socket.IO option ${name} has no effect: ${why}`);
  const window = options.connectionStateRecovery?.maxDisconnectionDuration;
  if (window !== undefined)
    notes.push(
      'The Socket.IO option connectionStateRecovery.maxDisconnectionDuration has no effect: set recovery.windowMs in the configuration',
    );
  return notes;
}
