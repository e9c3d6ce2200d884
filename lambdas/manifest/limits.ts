/**
 * Every limit of the system, in one place. AWS quotas are fixed by the service; ours are product decisions.
 * Sizes are bytes unless the name says `Chars`; times are seconds unless the name says `Ms`.
 */

/** Quotas of API Gateway WebSocket APIs (source: AWS "Quotas for configuring and running a WebSocket API"). */
export const API_GATEWAY = {
  frameBytes: 32 * 1024,
  messageBytes: 128 * 1024,
  idleSeconds: 10 * 60,
  lifetimeSeconds: 2 * 60 * 60,
} as const;

/** Limits of the chat domain. */
export const CHAT = {
  contentChars: 10_000,
  idChars: 128,
  clientMessageIdChars: 64,
  requestIdChars: 64,
  roomNameChars: 200,
  participantsPerCall: 100,
  roomsPerSession: 100,
  historyPage: 100,
  historyPageDefault: 50,
  notificationPayloadBytes: 8 * 1024,
  /** `context` of a message, as UTF-8 JSON. */
  contextBytes: 8 * 1024,
  /** Objects and arrays within one another in anything a client sends. */
  jsonDepth: 16,
} as const;

/** Limits of the REST API. */
export const REST = {
  /** Far above the longest message, far below Lambda's 6 MB. */
  bodyBytes: 256 * 1024,
  notificationPage: 100,
  notificationPageDefault: 50,
  /** How long a browser may remember a CORS preflight. */
  corsMaxAgeSeconds: 600,
} as const;

/** Limits of accounts and of signing in. */
export const ACCOUNT = {
  emailChars: 254,
  passwordMinChars: 8,
  passwordMaxChars: 256,
  usernameChars: 64,
  displayNameChars: 128,
  tokenTtlSeconds: 12 * 60 * 60,
  /** Longer tokens are refused unread; API Gateway takes 10 KB of headers in all. */
  tokenChars: 8 * 1024,
  clockSkewSeconds: 30,
} as const;

/** Attempts allowed per window, counted in the table so that they hold across Lambda instances. */
export const THROTTLE = {
  windowSeconds: 15 * 60,
  loginsPerEmail: 10,
  loginsPerAddress: 100,
  registrationsPerAddress: 1_000,
} as const;

/** How a room's live members are spread and served. */
export const FAN_OUT = {
  /** Posts in flight at once in one invocation (the SDK's socket pool is set to the same number). */
  concurrency: 50,
  /** Above this many live members in one shard, new members go to twice as many shards. */
  membersPerShard: 500,
  maxShards: 64,
} as const;

/** GET /chat/rooms asks three things about every room. */
export const ROOM_LIST = {
  /** Rooms asked about at once. */
  concurrency: 16,
  /** Unread messages are counted no further. */
  unreadMax: 100,
} as const;

/** What one warm function instance remembers of who may send where; see app/membership-memo.ts. */
export const MEMBERSHIP_MEMO = { seconds: 30, entries: 10_000 } as const;

/**
 * A connection is posted to only once its handshake is over: until then API Gateway answers 410 though it will live
 * (AWS "Manage connected users and client apps: $connect and $disconnect routes"). A younger session is not taken for gone.
 */
export const HANDSHAKE = { graceSeconds: 15 } as const;

/** How long rows that nobody closes stay before they count as gone (a connection lives two hours at most). */
export const EXPIRY = {
  sessionSeconds: API_GATEWAY.lifetimeSeconds + 10 * 60,
  clientMessageIdSeconds: 24 * 60 * 60,
} as const;
