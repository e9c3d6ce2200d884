import { ENV, type EnvironmentKey } from '../lambdas/manifest/environment.ts';
import type { FunctionName } from '../lambdas/manifest/routes.ts';

/** What one function may do and know. Anything absent is refused. */
export interface FunctionAccess {
  /** For the console and for people reading the template. */
  readonly description: string;
  /** DynamoDB actions, without their prefix, on the table itself (it has no indexes). */
  readonly table: readonly string[];
  /** May read the signing secret, when the built-in issuer is on. */
  readonly secret: boolean;
  /** Methods of @connections on the native stage (AWS "Control access to a WebSocket API with IAM authorization"). */
  readonly connections: readonly ('POST' | 'DELETE')[];
  readonly environment: readonly EnvironmentKey[];
  /** Below the 29 s after which API Gateway answers for the function; an authorizer or connect that slow has failed. */
  readonly timeoutSeconds: number;
  readonly memory: 'memoryMb' | 'restMemoryMb';
}

/**
 * The one place that says what each function may call. The emulator checks every AWS call against the policies made
 * from it, and reports those never used.
 */
export const FUNCTION_ACCESS: Readonly<Record<FunctionName, FunctionAccess>> = {
  'native-authorizer': {
    description: 'Native API: checks the token of $connect',
    table: [],
    secret: true,
    connections: [],
    environment: [ENV.jwtSecretArn, ENV.issuers, ENV.logLevel],
    timeoutSeconds: 10,
    memory: 'memoryMb',
  },
  'native-connect': {
    description: 'Native API: opens a session',
    table: ['PutItem', 'UpdateItem', 'DeleteItem'],
    secret: false,
    connections: [],
    environment: [ENV.table, ENV.logLevel],
    timeoutSeconds: 10,
    memory: 'memoryMb',
  },
  'native-disconnect': {
    description: 'Native API: closes a session and leaves its rooms',
    table: ['DeleteItem'],
    secret: false,
    connections: [],
    environment: [ENV.table, ENV.logLevel],
    timeoutSeconds: 28,
    memory: 'memoryMb',
  },
  'native-message': {
    description: 'Native API: every message route',
    table: ['GetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    secret: false,
    connections: ['POST', 'DELETE'],
    environment: [ENV.table, ENV.nativeCallbackUrl, ENV.logLevel],
    timeoutSeconds: 28,
    memory: 'memoryMb',
  },
  rest: {
    description: 'HTTP API: accounts, rooms, messages, notifications',
    table: ['GetItem', 'BatchGetItem', 'Query', 'PutItem', 'UpdateItem', 'DeleteItem'],
    secret: true,
    connections: ['POST'],
    environment: Object.values(ENV),
    timeoutSeconds: 28,
    memory: 'restMemoryMb',
  },
};
