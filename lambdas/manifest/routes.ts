/** Route keys of the native WebSocket API. The selection expression is `$request.body.action`. */
export const NATIVE_ACTIONS = ['join', 'leave', 'send', 'typing', 'read', 'history', 'ping'] as const;
export type NativeAction = (typeof NATIVE_ACTIONS)[number];

export const ROUTE = { connect: '$connect', disconnect: '$disconnect', default: '$default' } as const;

/** Stage of the native API, and so its path: wss://{api}/native, ws://localhost:3000/native. */
export const NATIVE_STAGE = 'native';

/** Issuer and audience of tokens made by POST /auth/login and /auth/register. */
export const BUILT_IN_ISSUER = 'causeway';
export const BUILT_IN_AUDIENCE = 'causeway';

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
} as const;
export type FunctionName = keyof typeof FUNCTIONS;
