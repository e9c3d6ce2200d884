/** Route keys of the native WebSocket API. The selection expression is `$request.body.action`. */
export const NATIVE_ACTIONS = [
  'join',
  'leave',
  'send',
  'typing',
  'read',
  'history',
  'resume',
  'ping',
] as const;
export type NativeAction = (typeof NATIVE_ACTIONS)[number];

export const ROUTE = { connect: '$connect', disconnect: '$disconnect', default: '$default' } as const;

/** Stage of the native API, and so its path: wss://{api}/native, ws://localhost:3000/native. */
export const NATIVE_STAGE = 'native';

/** Stage of the Socket.IO API: wss://{api}/socketio/?EIO=4&transport=websocket. */
export const SOCKETIO_STAGE = 'socketio';

/** Where stock clients look for a server; polling is served below it on the HTTP API (socket.io-client, option `path`). */
export const SOCKETIO_PATH = '/socket.io';

/**
 * Everything REST answers, as CloudFront's path patterns (`*` is any run of characters): other paths of the one origin are
 * the demo page's. test/cdk/site.test.ts compares with the operations.
 */
export const REST_PATHS = [
  '/auth/*',
  '/chat/*',
  '/users/*',
  '/notifications',
  '/notifications/*',
  '/health',
  '/openapi.json',
  '/asyncapi.json',
  '/api/*',
] as const;

/** Header by which the functions know that a request came through this deployment's CloudFront; see domain/viewer-address.ts. */
export const EDGE_KEY_HEADER = 'x-causeway-edge';

/** Issuer and audience of tokens made by POST /auth/login and /auth/register. */
export const BUILT_IN_ISSUER = 'causeway';
export const BUILT_IN_AUDIENCE = 'causeway';

/** Events of EventBridge's default bus that are notifications; `detail` is { userId, payload }. */
export const NOTIFICATION_EVENT = { source: 'causeway', detailType: 'notification.new' } as const;

/**
 * Lambda functions: name → entry file below lambdas/handlers.
 * `native-message` serves every message route: one warm function instead of eight cold ones.
 */
export const FUNCTIONS = {
  'native-authorizer': 'native-authorizer.ts',
  'native-connect': 'native-connect.ts',
  'native-disconnect': 'native-disconnect.ts',
  'native-message': 'native-message.ts',
  rest: 'rest.ts',
  // Authorizes $connect and serves every frame: a warm instance still knows the handshake when the first frame comes.
  socketio: 'socketio.ts',
  'socketio-open': 'socketio-open.ts',
  polling: 'polling.ts',
  sweep: 'sweep.ts',
  // What back ends say by EventBridge or the Emitter.
  notify: 'notify.ts',
  // Tells crowds, and those who could not be told at once (ports/mail.ts).
  'fan-out': 'fan-out.ts',
  // What was put off (ports/later.ts).
  later: 'later.ts',
} as const;
export type FunctionName = keyof typeof FUNCTIONS;

/** The functions that run the application on the `socket.io` Server. */
export const SOCKETIO_SERVERS: readonly FunctionName[] = ['socketio', 'polling', 'sweep'];
