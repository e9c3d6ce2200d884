/** Names of the environment variables that `lib` sets and `handlers` read. Nothing else reads the environment. */
export const ENV = {
  table: 'CAUSEWAY_TABLE',
  /** https://{api-id}.execute-api.{region}.amazonaws.com/{stage} of the native WebSocket API, for @connections. */
  nativeCallbackUrl: 'CAUSEWAY_NATIVE_CALLBACK_URL',
  /** ARN of the Secrets Manager secret holding the HS256 key (raw string) of the built-in issuer; empty when it is off. */
  jwtSecretArn: 'CAUSEWAY_JWT_SECRET_ARN',
  /** JSON array of external issuers: [{ issuer, audience, jwksUri?, jwks? }]. */
  issuers: 'CAUSEWAY_ISSUERS',
  /** Seconds a token of the built-in issuer lives. */
  tokenTtlSeconds: 'CAUSEWAY_TOKEN_TTL_SECONDS',
  /** log2 of scrypt's N. */
  scryptLogN: 'CAUSEWAY_SCRYPT_LOG_N',
  /** JSON array of allowed CORS origins, or ["*"]. */
  corsOrigins: 'CAUSEWAY_CORS_ORIGINS',
  /** JSON object overriding the throttles of manifest/limits.ts (see `THROTTLE`). */
  throttle: 'CAUSEWAY_THROTTLE',
  /** JSON of manifest/limits.ts, ClientLimits. */
  limits: 'CAUSEWAY_LIMITS',
  logLevel: 'CAUSEWAY_LOG_LEVEL',
  /** https://{api-id}.execute-api.{region}.amazonaws.com/socketio, for @connections of the Socket.IO API. */
  socketIoCallbackUrl: 'CAUSEWAY_SOCKETIO_CALLBACK_URL',
  /** JSON of compat's BridgeOptions: { heartbeat, limits, recovery?, cors }. */
  socketIoOptions: 'CAUSEWAY_SOCKETIO_OPTIONS',
  /** Name of the function that sends OPEN to a fresh WebSocket (`socketio-open`). */
  openFunction: 'CAUSEWAY_OPEN_FUNCTION',
  /** Name of the function that tells crowds, and those who could not be told at once (`fan-out`). */
  fanOutFunction: 'CAUSEWAY_FAN_OUT_FUNCTION',
  /** How many recipients an invocation tells itself (FAN_OUT.direct of manifest/limits.ts). */
  fanOutDirect: 'CAUSEWAY_FAN_OUT_DIRECT',
  /** What CloudFront sends as `x-causeway-edge` (manifest/routes.ts), and nobody else knows. */
  edgeKey: 'CAUSEWAY_EDGE_KEY',
  /** JSON of ChatSettings (manifest/dialects.ts): { namespaces, lobby? }. */
  chat: 'CAUSEWAY_CHAT',
  /** JSON of PresenceSettings (manifest/limits.ts): { roomLimit }. */
  presence: 'CAUSEWAY_PRESENCE',
  /** https URL of the queue that ports/later.ts speaks of. */
  laterQueue: 'CAUSEWAY_LATER_QUEUE_URL',
} as const;

export type EnvironmentKey = (typeof ENV)[keyof typeof ENV];
