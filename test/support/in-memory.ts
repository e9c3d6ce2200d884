/**
 * The whole of Causeway without AWS: the handlers' own code over the memory stores, with a gateway that hands frames to
 * connections in this process. What a client sees here it sees on the emulator too; both replay the same transcripts.
 */
import { routeOf } from '../handlers/events.ts';
import { createAuthenticator } from '../../lambdas/adapters/auth/authenticator.ts';
import { createTokenIssuer } from '../../lambdas/adapters/auth/hs256.ts';
import { createPasswordHasher } from '../../lambdas/adapters/auth/password.ts';
import type { TokenSecret } from '../../lambdas/adapters/auth/token-secret.ts';
import { createMemoryStores } from '../../lambdas/adapters/memory/memory-stores.ts';
import { randomIds } from '../../lambdas/adapters/system/ids.ts';
import { createMembershipMemo } from '../../lambdas/app/membership-memo.ts';
import { UNLIMITED } from '../../lambdas/app/rate-limit.ts';
import { authorize } from '../../lambdas/handlers/native/authorize.ts';
import { serveConnect } from '../../lambdas/handlers/native/connect.ts';
import { serveDisconnect } from '../../lambdas/handlers/native/disconnect.ts';
import type { WebSocketEvent } from '../../lambdas/handlers/native/events.ts';
import { serveMessage } from '../../lambdas/handlers/native/message.ts';
import { createRestApp } from '../../lambdas/http/app.ts';
import type { RestDeps } from '../../lambdas/http/deps.ts';
import { THROTTLE } from '../../lambdas/manifest/limits.ts';
import type { Gateway } from '../../lambdas/ports/gateway.ts';
import type { Log, LogFields } from '../../lambdas/ports/runtime.ts';
import { nativeDialect } from '../../lambdas/wire/encode.ts';
import { NO_AUDIENCE } from './fakes/fake-audience.ts';
import { createFakeLater, type FakeLater } from './fakes/fake-later.ts';

export const SECRET = new TextEncoder().encode('a secret of at least thirty-two characters');
/** What CloudFront would send. */
export const EDGE_KEY = '51af3dc0-da77-11e4-872e-1234567db123';
const METHOD_ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abcd123/native/$connect';

export interface LogLine extends LogFields {
  readonly level: keyof Log;
  readonly message: string;
}

/** A connection as a client has it. */
export interface MemoryConnection {
  readonly connectionId: string;
  readonly frames: string[];
  readonly closed: boolean;
  send(frame: string): Promise<void>;
  /** The next frame nobody took; rejects when there is none, since everything here has happened when `send` returns. */
  next(): Promise<string>;
  disconnect(): Promise<void>;
}

export interface InMemory {
  readonly deps: RestDeps & { readonly later: FakeLater };
  readonly rest: ReturnType<typeof createRestApp>;
  readonly clock: { at: number; now(): number };
  readonly logs: LogLine[];
  readonly connections: Map<string, MemoryConnection>;
  connect(token: string): Promise<MemoryConnection>;
}

export function createInMemory(overrides: Partial<RestDeps> = {}): InMemory {
  const clock = { at: Date.UTC(2026, 0, 2, 3, 4, 5, 6), now: () => clock.at };
  const logs: LogLine[] = [];
  const connections = new Map<string, MemoryConnection & { closed: boolean }>();
  const secret: TokenSecret = {
    current: () => Promise.resolve(SECRET),
    rotated: () => Promise.resolve(undefined),
  };
  const deps: InMemory['deps'] = {
    later: createFakeLater(),
    ...createMemoryStores(clock),
    gateway: gatewayOf(connections),
    audience: NO_AUDIENCE,
    dialects: { native: nativeDialect },
    ids: randomIds,
    log: logInto(logs),
    hasher: createPasswordHasher({ logN: 1 }),
    issuer: createTokenIssuer({ secret, clock, ttlSeconds: 3600 }),
    memo: createMembershipMemo(),
    limits: THROTTLE,
    rates: UNLIMITED,
    authenticator: createAuthenticator({ secret, issuers: [], clock }),
    clock,
    asyncApi: () => ({ asyncapi: '3.0.0' }),
    corsOrigins: ['*'],
    edgeKey: EDGE_KEY,
    accounts: true,
    ...overrides,
  };
  const connect = async (token: string) => {
    const connection = await open(deps, clock, token);
    connections.set(connection.connectionId, connection);
    return connection;
  };
  return { deps, rest: createRestApp(deps), clock, logs, connections, connect };
}

let events = 0;

/** Authorizer, then `$connect`; rejects with the status API Gateway would refuse the upgrade with. */
async function open(deps: InMemory['deps'], clock: { now(): number }, token: string) {
  const connectionId = `conn-${++events}=`;
  const context = (authorizer?: Record<string, string>, body?: string): WebSocketEvent => ({
    requestContext: {
      routeKey: routeOf(body),
      connectionId,
      requestId: `request-${++events}=`,
      requestTimeEpoch: clock.now(),
      connectedAt: clock.now(),
      ...(authorizer === undefined ? {} : { authorizer }),
    },
  });
  const upgrade = { ...context(), methodArn: METHOD_ARN, queryStringParameters: { token } };
  const { context: attested } = await authorize(deps, upgrade);
  const { statusCode } = await serveConnect(deps, context(attested));
  if (statusCode !== 200) throw new Error(`upgrade refused with ${statusCode}`);
  let taken = 0;
  const connection = {
    connectionId,
    frames: [] as string[],
    closed: false,
    async send(frame: string) {
      const answer = await serveMessage(deps, { ...context(attested, frame), body: frame });
      if (answer.body !== undefined) connection.frames.push(answer.body);
    },
    next(): Promise<string> {
      const frame = connection.frames[taken++];
      return frame === undefined
        ? Promise.reject(new Error(`${connectionId} has no further frame`))
        : Promise.resolve(frame);
    },
    async disconnect() {
      connection.closed = true;
      await serveDisconnect(deps, context(attested));
    },
  };
  return connection;
}

function gatewayOf(connections: ReadonlyMap<string, MemoryConnection & { closed: boolean }>): Gateway {
  return {
    post({ connectionId }, frame) {
      const connection = connections.get(connectionId);
      if (connection === undefined || connection.closed) return Promise.resolve('gone');
      connection.frames.push(frame);
      return Promise.resolve('sent');
    },
    close: async ({ connectionId }) => connections.get(connectionId)?.disconnect(),
  };
}

function logInto(logs: LogLine[]): Log {
  const at = (level: keyof Log) => (message: string, fields?: LogFields) => {
    logs.push({ ...fields, level, message });
  };
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
