import { ENV, type EnvironmentKey } from '../lambdas/manifest/environment.ts';
import { SOCKETIO } from '../lambdas/manifest/limits.ts';
import type { FunctionName } from '../lambdas/manifest/routes.ts';
import type { Config } from './config/schema.ts';
import type { ConnectionMethod } from './constructs/connections.ts';

/** What one function may do and know. Anything absent is refused. */
export interface FunctionAccess {
  /** For the console and for people reading the template. */
  readonly description: string;
  /** DynamoDB actions, without their prefix, on the table itself (it has no indexes). */
  readonly table: readonly string[];
  /** May read the signing secret, when the built-in issuer is on. */
  readonly secret?: boolean;
  /** Methods of @connections on the stages of the WebSocket APIs. */
  readonly connections?: Readonly<Partial<Record<'native' | 'socketIo', readonly ConnectionMethod[]>>>;
  /** May put something off (ports/later.ts). */
  readonly later?: boolean;
  /** Functions it may invoke. */
  readonly invokes?: readonly FunctionName[];
  readonly environment: readonly EnvironmentKey[];
  /** Below the 29 s after which API Gateway answers for the function; an authorizer or connect that slow has failed. */
  readonly timeoutSeconds: number | ((config: Config) => number);
  readonly memory: 'memoryMb' | 'restMemoryMb' | 'fanOutMemoryMb';
  /** Invoked asynchronously, and not again when it fails: what it should have done would come too late. */
  readonly once?: boolean;
  /** Invoked asynchronously, and again when it fails, until so old; what failed every time is kept for people to look at. */
  readonly retriedSeconds?: number;
}

const EVERY_ROW_ACTION = ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'] as const;

/** How long the function that does what was put off may take; its queue waits for it. */
export const LATER_SECONDS = 10;

/** What tells Socket.IO sockets of chat, in their words, without the Socket.IO server. */
const AUDIENCE = [ENV.socketIoCallbackUrl, ENV.socketIoOptions, ENV.chat] as const;

/** Whoever can neither be told nor handed over is cut. */
const TELLING = { native: ['POST', 'DELETE'], socketIo: ['POST', 'DELETE'] } as const;

/** What tells recipients, and hands crowds over. */
const POSTMAN = [ENV.fanOutFunction, ENV.fanOutDirect] as const;

/** What runs the application on the Socket.IO server knows and may do. */
const SERVER = {
  table: EVERY_ROW_ACTION,
  // Chat in the vocabularies of the documents: Socket.IO sockets prove who they are, and native ones hear them.
  secret: true,
  connections: TELLING,
  later: true,
  environment: [
    ENV.table,
    ENV.socketIoCallbackUrl,
    ENV.socketIoOptions,
    ENV.nativeCallbackUrl,
    ENV.jwtSecretArn,
    ENV.issuers,
    ENV.chat,
    ENV.laterQueue,
    ENV.limits,
    ENV.logLevel,
  ],
  timeoutSeconds: 28,
  memory: 'memoryMb',
} as const;

/**
 * The one place that says what each function may call. The emulator checks every AWS call against the policies made
 * from it, and reports those never used.
 */
export const FUNCTION_ACCESS: Readonly<Record<FunctionName, FunctionAccess>> = {
  'native-authorizer': {
    description: 'Native API: checks the token of $connect',
    table: [],
    secret: true,
    environment: [ENV.jwtSecretArn, ENV.issuers, ENV.logLevel],
    timeoutSeconds: 10,
    memory: 'memoryMb',
  },
  'native-connect': {
    description: 'Native API: opens a session',
    // Query: of somebody who connects often, the connections are counted.
    table: ['PutItem', 'UpdateItem', 'DeleteItem', 'Query'],
    later: true,
    environment: [ENV.table, ENV.laterQueue, ENV.chat, ENV.limits, ENV.logLevel],
    timeoutSeconds: 10,
    memory: 'memoryMb',
  },
  'native-disconnect': {
    description: 'Native API: closes a session and leaves its rooms',
    table: ['DeleteItem'],
    later: true,
    environment: [ENV.table, ENV.laterQueue, ENV.logLevel],
    timeoutSeconds: 28,
    memory: 'memoryMb',
  },
  'native-message': {
    description: 'Native API: every message route',
    table: EVERY_ROW_ACTION,
    connections: TELLING,
    invokes: ['fan-out'],
    environment: [ENV.table, ENV.nativeCallbackUrl, ...AUDIENCE, ENV.limits, ...POSTMAN, ENV.logLevel],
    timeoutSeconds: 28,
    memory: 'memoryMb',
  },
  rest: {
    description: 'HTTP API: accounts, rooms, messages, notifications',
    table: [...EVERY_ROW_ACTION, 'BatchGetItem'],
    secret: true,
    connections: TELLING,
    invokes: ['fan-out'],
    environment: [
      ENV.table,
      ENV.nativeCallbackUrl,
      ...AUDIENCE,
      ...POSTMAN,
      ENV.jwtSecretArn,
      ENV.issuers,
      ENV.tokenTtlSeconds,
      ENV.scryptLogN,
      ENV.corsOrigins,
      ENV.throttle,
      ENV.limits,
      ENV.edgeKey,
      ENV.logLevel,
    ],
    timeoutSeconds: 28,
    memory: 'restMemoryMb',
  },
  socketio: {
    ...SERVER,
    description: 'Socket.IO API: admits connections, serves every frame',
    invokes: ['socketio-open', 'fan-out'],
    environment: [...SERVER.environment, ...POSTMAN, ENV.openFunction, ENV.edgeKey],
  },
  'socketio-open': {
    description: 'Socket.IO API: sends the first packet to a fresh connection',
    table: [],
    connections: { socketIo: ['POST'] },
    environment: [ENV.socketIoCallbackUrl, ENV.logLevel],
    timeoutSeconds: 15,
    memory: 'memoryMb',
    once: true,
  },
  polling: {
    ...SERVER,
    description: 'HTTP API: long polling of Socket.IO',
    invokes: ['fan-out'],
    environment: [...SERVER.environment, ...POSTMAN, ENV.edgeKey],
  },
  sweep: {
    ...SERVER,
    description:
      'Every minute: pings Socket.IO sessions, looks at native connections and who is online, ends the dead ones',
    connections: { socketIo: ['POST', 'DELETE'], native: ['POST', 'GET', 'DELETE'] },
    // Nobody connects there; what expires is in the rows.
    secret: false,
    timeoutSeconds: sweepSeconds,
    once: true,
  },
  notify: {
    description: 'Notifications and events of back ends: EventBridge, Emitter',
    table: ['BatchGetItem', ...EVERY_ROW_ACTION],
    connections: TELLING,
    invokes: ['fan-out'],
    environment: [ENV.table, ENV.nativeCallbackUrl, ...AUDIENCE, ...POSTMAN, ENV.logLevel],
    timeoutSeconds: 28,
    memory: 'memoryMb',
    // As long as Lambda keeps an event.
    retriedSeconds: 6 * 60 * 60,
  },
  'fan-out': {
    description: 'Tells crowds, and those who could not be told at once',
    table: ['GetItem', 'Query', 'UpdateItem', 'DeleteItem'],
    connections: TELLING,
    invokes: ['fan-out'],
    environment: [ENV.table, ENV.nativeCallbackUrl, ...AUDIENCE, ENV.logLevel],
    timeoutSeconds: 28,
    memory: 'fanOutMemoryMb',
    retriedSeconds: 60 * 60,
  },
  later: {
    description: 'What was put off: the end of typing, who is online',
    table: EVERY_ROW_ACTION,
    connections: { native: ['POST', 'GET'], socketIo: ['POST'] },
    // Where the truth is not known yet it looks again.
    later: true,
    environment: [ENV.table, ENV.nativeCallbackUrl, ...AUDIENCE, ENV.laterQueue, ENV.presence, ENV.logLevel],
    timeoutSeconds: LATER_SECONDS,
    memory: 'memoryMb',
  },
};

/** Pings more often than schedules run are sent by one invocation that lasts until the next. */
function sweepSeconds({ heartbeat }: Config): number {
  return heartbeat.pingIntervalMs < SOCKETIO.sweepIntervalMs ? 65 : 28;
}
