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

/**
 * Limits and defaults of the Socket.IO bridge. Times in milliseconds. The defaults are socket.io's own but for the
 * heartbeat: every ping is a billed message and its pong an invocation, ten times as many at 25 s as at 240 s.
 */
export const SOCKETIO = {
  /** A sweep runs once a minute; shorter intervals make it loop. */
  sweepIntervalMs: 60_000,
  pingIntervalMs: { min: 100, default: 240_000, max: 500_000 },
  pingTimeoutMs: { min: 100, default: 60_000, max: 300_000 },
  /** Above the largest period of a ping plus its timeout API Gateway and CloudFront have cut the connection anyway. */
  heartbeatMs: API_GATEWAY.idleSeconds * 1000,
  /** How late a sweep may come after its minute before a client takes the server for dead. */
  sweepSlackMs: 20_000,
  connectTimeoutMs: { min: 100, default: 45_000, max: 600_000 },
  /** A polling body travels inside Lambda's 6 MB event, where quotes and control characters are escaped. */
  maxPayloadBytes: { min: 1, default: 1_000_000, max: 4_000_000 },
  recoveryWindowMs: { min: 1_000, default: 120_000, max: 24 * 60 * 60 * 1000 },
  /** How long a poll waits for a packet: below the 30 s after which the HTTP API answers for the function. */
  pollHoldMs: 20_000,
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

/** Who comes or goes is told in all their rooms, each of which is listed. */
export const PRESENCE = {
  /** Rooms asked about at once. */
  concurrency: 16,
  /** Beyond so many rooms the others do not hear of it: a bound on what one connect can cost. */
  rooms: 200,
} as const;

/** What a socket that comes back is told of what it missed. */
export const RECALL = {
  /** Events of all rooms together; who missed more starts anew and reads the history. */
  events: 200,
  /** Read at once: of every room first, and of those that had more. */
  firstPage: 10,
  page: 50,
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

/**
 * How much of a Socket.IO session is stored. A session is one row, and DynamoDB takes 400 KB a row (AWS "Service, account,
 * and table quotas in Amazon DynamoDB"): whoever fills several of these at once is refused at that size.
 */
export const SOCKETIO_SESSION = {
  /** What DynamoDB takes; its own count decides there. */
  bytes: 400 * 1024,
  namespaces: 64,
  /** Besides the socket's own id. */
  roomsPerSocket: 1_000,
  /**
   * All that the sockets of one session keep: names of namespaces and rooms, `auth`, `data`, as UTF-8. Rows are billed by
   * the KB at each write, so this is what one client can make a pong cost.
   */
  socketsBytes: 128 * 1024,
  /** `socket.data` of one socket, as UTF-8 JSON. */
  dataBytes: 64 * 1024,
  /** `auth` of one socket, as UTF-8 JSON. */
  authBytes: 16 * 1024,
  /** Name of a namespace or room. */
  nameBytes: 1_024,
  /** Packets whose attachments have not all come, as UTF-8. */
  partialBytes: 128 * 1024,
  /** Packets waiting for a poll, with `packetBytes` more for each. */
  outboxBytes: 256 * 1024,
  packetBytes: 8,
} as const;
