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
 * heartbeat: every ping is a billed message and its pong an invocation, twenty times as many at 25 s as at 480 s. Longer ones
 * would leave no minute to spare before API Gateway cuts a connection that was silent for ten (docs/decisions/0017).
 */
export const SOCKETIO = {
  /** A sweep runs once a minute; shorter intervals make it loop. */
  sweepIntervalMs: 60_000,
  pingIntervalMs: { min: 100, default: 480_000, max: 500_000 },
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

/**
 * What clients may do; defaults of the configuration's `limits`, told in docs/limits.md. Of a token bucket `burst` may be taken
 * at once, and `perSecond` in the long run.
 */
export const LIMITS = {
  /** Events of one connection, or Socket.IO session. */
  perSocket: { perSecond: 10, burst: 200 },
  /** Events and requests of one user, over all connections, sessions and the REST API. */
  perUser: { perSecond: 20, burst: 400 },
  /** Frames of one Socket.IO session, whatever they hold; attachments and pongs count. */
  framesPerSocket: { perSecond: 50, burst: 500 },
  /** New connections from one address, of IPv6 from one /64: an office behind one address that comes back at once must fit. */
  connectsPerAddress: { perSecond: 20, burst: 1_000 },
  /** Live at the same time, native connections and Socket.IO sessions together. */
  connectionsPerUser: 100,
  /** Rooms a native connection may be in. */
  roomsPerSession: CHAT.roomsPerSession,
  /** Socket.IO sessions of chat whose client has done nothing for so long are closed; native ones API Gateway closes. */
  idleSeconds: 2 * 24 * 60 * 60,
} as const;

/** How clients of the native protocol come back; see app/resume.ts. */
export const RESUME = {
  /** Who was away longer reads the history. */
  windowMs: 24 * 60 * 60 * 1000,
  /**
   * How much later than others an event may be told that happened before them: longer than any function runs. Clients drop
   * what comes twice, so it costs a few frames only.
   */
  slackMs: 60_000,
  /** Events that one answer is made of; fewer where they do not fit. */
  page: 200,
  /** How long a look waits after the rooms were joined, for messages whose senders did not see that. */
  settleMs: 250,
  /** After how long clients look again: who sends lists the room and stores the message well within it. */
  againSeconds: 5,
} as const;

/** What a deployment makes of `LIMITS`. */
export type ClientLimits = {
  readonly [Name in keyof typeof LIMITS]: (typeof LIMITS)[Name] extends number
    ? number
    : { readonly perSecond: number; readonly burst: number };
};

/** What one warm function instance remembers of token buckets, and how long a bucket's row outlives its use. */
export const RATE_MEMO = { entries: 10_000, rowSpareMs: 60 * 60 * 1000 } as const;

/** How a room's live members are spread and served. */
export const FAN_OUT = {
  /** Posts in flight at once in one invocation (the SDK's socket pool is set to the same number). */
  concurrency: 50,
  /** So many recipients are told by the invocation that an event came to; of more the function `fan-out` takes care. */
  direct: 100,
  /** Recipients of one invocation of `fan-out`. */
  bag: 500,
  /** How many of them may be posted to before that is noted again. */
  noted: 100,
  /**
   * The skew of an event that goes by `fan-out` (Message.toldUntil). Whoever is told later loses the right to recover: the last
   * event that its client got would say that it had been told.
   */
  lateMs: 2_500,
  /** Waits before posts that were refused are tried again; whoever still can't be told is cut. */
  retryMs: [250, 500, 1_000, 2_000, 4_000],
  /**
   * How long after something came twice whoever it came to first has surely ended: longer than two functions run one after
   * another, and less than the minute that Lambda waits before it tries again.
   */
  againMs: 57_000,
  /** What is not stored, such as typing, is not told later than this. */
  fleetingMs: 5_000,
  /** Of one asynchronous invocation; AWS takes 1 MB ("Invoking a Lambda function asynchronously"). */
  mailingBytes: 900 * 1024,
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

/** Who comes or goes is told in their rooms, each of which is listed; docs/presence.md has what that costs. */
export const PRESENCE = {
  /** Rooms asked about at once. */
  concurrency: 16,
  /** Beyond so many rooms the others do not hear of it: a bound on what one connect can cost. */
  rooms: 200,
  /** In a room with more connections and sockets nobody is told; default of the configuration's `presence.roomLimit`. */
  roomLimit: { min: 0, default: 200, max: 1_000 },
  /** Connections, and sockets, that one coming or going is told to. */
  recipients: 2_000,
  /** How long somebody may be away before others are told: a page that is loaded anew is no departure. */
  graceSeconds: 10,
  /** How long a connect may take from its first write until its session is stored. */
  connectSeconds: 30,
  /** Whoever has been telling the others for so long has died: longer than the `later` function may take. */
  tellingSeconds: 15,
  /** When to look again at a user of whom somebody else is telling something. */
  busySeconds: 2,
} as const;

/** What functions are told of it: JSON in ENV.presence. */
export interface PresenceSettings {
  /** In a room with more connections and sockets nobody is told who comes and goes. */
  readonly roomLimit: number;
}

/** What the sweep looks at besides the sessions of Socket.IO. */
export const SWEEP = {
  /** Native connections, and users who are online, are looked at in turn: in so many parts, each at most so many minutes. */
  rings: 4,
  /** How old an entry of somebody who is not online must be to be struck out: older than a turn takes. */
  strikeSeconds: 60,
} as const;

/** What a socket that comes back is told of what it missed. */
export const RECALL = {
  /** Events of all rooms together; who missed more starts anew and reads the history. */
  events: 1_000,
  /** UTF-8 of them: they leave one after another within one invocation. */
  bytes: 1_000_000,
  /** How much earlier than it was told an event may say that it happened: a message sent again has its first attempt's date. */
  lateMs: 30_000,
} as const;

/** How exactly it is known when a client was told something; see docs/decisions/0013. */
export const TELLING = {
  /**
   * From the instant in an event's offset, before its recipients are looked up, to its last post. What takes longer is noted
   * with the event (`toldUntil`).
   */
  skewMs: 250,
  /** Who begins to handle something so soon after it arrived need not note when. */
  promptMs: 50,
  /** A pong was sent no longer before it was heard. */
  pongMs: 500,
} as const;

/** What is told to a socket while it comes back is held until everything it missed has been sent. */
export const HOLD = {
  /** How long at most: longer than any function runs, or a client would be told something before the reply to its CONNECT. */
  ms: 30_000,
  /** Packets; what comes then is sent at once. */
  packets: 500,
  /** How much earlier than the hold began something may have happened whose teller finds the socket nevertheless. */
  toldMs: 1_000,
  /** The latest of what was told so; those who told the others have found out long ago. */
  told: 50,
} as const;

/** What clients are told of what they missed; see app/missed.ts. */
export const MISSED = {
  /** Events of all rooms together that one look brings. */
  events: 1_000,
  /** Reads of one room, of up to 1 MB each, after which the others wait for the next look. */
  reads: 4,
  /**
   * How much later than the instant in its id something may be told: longer than any function runs, and than Lambda takes to try
   * an event of EventBridge again, which says when it was asked for.
   */
  lateMs: 2 * 60 * 1000,
} as const;

/** What one warm function instance remembers of who may send where; see app/membership-memo.ts. */
export const MEMBERSHIP_MEMO = { seconds: 30, entries: 10_000 } as const;

/**
 * A connection is posted to only once its handshake is over: until then API Gateway answers 410 though it will live
 * (AWS "Manage connected users and client apps: $connect and $disconnect routes"). A younger session is not taken for gone.
 */
export const HANDSHAKE = { graceSeconds: 15 } as const;

/**
 * Connections are closed before API Gateway cuts them, each at a moment of its own within these fifteen minutes: clients that
 * came all at once do not come back all at once (500 new connections a second and account, AWS "Quotas for configuring and
 * running a WebSocket API").
 */
export const CLOSING = {
  fromSeconds: 103 * 60,
  untilSeconds: 118 * 60,
  /** How many a sweep closes in a second, of both protocols together: whoever is closed connects again at once. */
  perSecond: 400,
  /** How long a connection waits for its turn at most: the ping it waits for may come as late as the sweep (SOCKETIO.sweepSlackMs), which is late itself. */
  longestSeconds: 15,
} as const;

/** How long rows that nobody closes stay before they count as gone (a connection lives two hours at most). */
export const EXPIRY = {
  sessionSeconds: API_GATEWAY.lifetimeSeconds + 10 * 60,
  clientMessageIdSeconds: 24 * 60 * 60,
  /** What is known of a bag, far above the six hours that Lambda may keep an event for (EventInvokeConfig, MaximumEventAge). */
  mailSeconds: 24 * 60 * 60,
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
