import * as v from 'valibot';

import { DEFAULT_LOBBY, DEFAULT_NAMESPACES, DIALECTS } from '../../lambdas/manifest/dialects.ts';
import {
  ACCOUNT,
  CHAT,
  FAN_OUT,
  LIMITS,
  PRESENCE,
  SOCKETIO,
  THROTTLE,
} from '../../lambdas/manifest/limits.ts';

/*
 * What `causeway.config.ts` may say. Every message starts with "expected", so that an error reads
 * `auth.tokenTtlSeconds: expected …`. Objects are strict: a misspelt key is an error, not a default.
 */

/** AWS "CloudWatch Logs API Reference, PutRetentionPolicy": the only periods it takes. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

/** Memory sizes Lambda takes, in MB (AWS "Lambda quotas"). */
const LAMBDA_MEMORY_MB = { min: 128, max: 10_240 } as const;

/** Below this cost, a stolen password hash is too cheap to try (OWASP "Password Storage Cheat Sheet", scrypt). */
const PRODUCTION_SCRYPT_LOG_N = 14;

/** No HMAC among them: a public key must never verify one (RFC 8725, section 3.1). */
const ASYMMETRIC = ['RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'ES512', 'EdDSA'] as const;

const KEYS = 'expected an array of JSON Web Keys, each with a `kid`';

const PREFIX = 'expected the start of a user id: 1 to 32 letters, digits and _ . | : @ + = , ~ -';

const Word = text('a word', 1, 512);

const Issuer = section({
  /** `iss` claim, exactly. */
  issuer: text('the `iss` claim of the tokens, such as "https://id.example.com"', 1, 512),
  /** Accepted `aud` claims. */
  audience: v.union(
    [Word, v.pipe(v.array(Word), v.minLength(1))],
    'expected the `aud` claim of the tokens, or several',
  ),
  /** Where the keys are; default `<issuer>/.well-known/jwks.json`. */
  jwksUri: v.optional(
    v.pipe(
      v.string('expected an https URL'),
      v.url('expected an https URL'),
      v.regex(/^https:\/\//, 'expected an https URL'),
    ),
  ),
  /** The keys themselves, when they must not be fetched. */
  jwks: v.optional(
    v.looseObject(
      { keys: v.array(v.looseObject({ kid: Word }, KEYS), KEYS) },
      'expected a JSON Web Key Set: { keys: [...] }',
    ),
  ),
  algorithms: v.optional(v.array(choice(ASYMMETRIC), 'expected an array of algorithms')),
  /** Put before the user ids of this issuer, so that two issuers cannot speak for one user. */
  userIdPrefix: v.optional(v.pipe(v.string(PREFIX), v.regex(/^[A-Za-z0-9_.|:@+=,~-]{1,32}$/, PREFIX))),
});

const Auth = section({
  builtIn: v.optional(flag(), true),
  tokenTtlSeconds: v.optional(whole(60, 30 * 24 * 60 * 60), ACCOUNT.tokenTtlSeconds),
  scryptLogN: v.optional(whole(10, 17), 15),
  issuers: v.optional(
    v.pipe(
      v.array(Issuer, 'expected an array of issuers'),
      v.checkItems(
        ({ issuer }, index, all) => all.findIndex((other) => other.issuer === issuer) === index,
        'expected every issuer once',
      ),
    ),
    [],
  ),
});

const Throttle = section({
  windowSeconds: v.optional(whole(1, 24 * 60 * 60), THROTTLE.windowSeconds),
  loginsPerEmail: v.optional(whole(1, 1_000_000), THROTTLE.loginsPerEmail),
  loginsPerAddress: v.optional(whole(1, 1_000_000), THROTTLE.loginsPerAddress),
  registrationsPerAddress: v.optional(whole(1, 1_000_000), THROTTLE.registrationsPerAddress),
});

// A new account allows 10,000 requests per second over all its APIs; one stack shouldn't be able to take them all.
const Stage = section({
  rateLimit: v.optional(whole(1, 10_000), 1_000),
  burstLimit: v.optional(whole(1, 5_000), 2_000),
});

const Logs = section({
  retentionDays: v.optional(v.picklist(RETENTION_DAYS, `expected one of ${RETENTION_DAYS.join(', ')}`), 30),
  level: v.optional(choice(['debug', 'info', 'warn', 'error']), 'info'),
  accountRole: v.optional(flag(), true),
});

const Origin = v.pipe(
  v.string('expected an origin such as "https://app.example.com", or "*"'),
  v.regex(
    /^(\*|https?:\/\/[^/\s?#]+)$/,
    'expected an origin such as "https://app.example.com" (no path, no trailing slash), or "*"',
  ),
);

const Cors = section({
  origins: v.optional(v.array(Origin, 'expected an array of origins'), ['*']),
  credentials: v.optional(flag(), false),
});

/** A packet's namespace ends at a comma, and what follows a question mark is its query (Socket.IO protocol, "Packet encoding"). */
const NAMESPACE = /^\/[^,?\s]{0,255}$/;

const Namespaces = v.record(
  v.pipe(v.string(), v.regex(NAMESPACE, 'expected a namespace: a /, then no comma, question mark or space')),
  v.pipe(
    v.array(choice(DIALECTS), 'expected an array of dialects'),
    v.minLength(1, 'expected at least one dialect; leave the namespace out to have none'),
    v.checkItems((id, index, all) => all.indexOf(id) === index, 'expected every dialect once'),
  ),
  'expected an object of namespaces, such as { "/": ["chats", "notifications"] }',
);

const ROOM_ID = new RegExp(`^[A-Za-z0-9_-]{1,${CHAT.idChars}}$`);
const LOBBY = `expected false, or the id of a room: 1 to ${CHAT.idChars} letters, digits, - or _`;
const Lobby = v.union(
  // The order decides what CAUSEWAY_LOBBY=false means.
  [v.pipe(v.string(), v.regex(ROOM_ID, LOBBY)), v.literal(false)],
  LOBBY,
);

const Heartbeat = section({
  pingIntervalMs: v.optional(within(SOCKETIO.pingIntervalMs), SOCKETIO.pingIntervalMs.default),
  pingTimeoutMs: v.optional(within(SOCKETIO.pingTimeoutMs), SOCKETIO.pingTimeoutMs.default),
});

const Limits = section({
  connectTimeoutMs: v.optional(within(SOCKETIO.connectTimeoutMs), SOCKETIO.connectTimeoutMs.default),
  maxPayloadBytes: v.optional(within(SOCKETIO.maxPayloadBytes), SOCKETIO.maxPayloadBytes.default),
  perSocket: bucket(LIMITS.perSocket),
  perUser: bucket(LIMITS.perUser),
  framesPerSocket: bucket(LIMITS.framesPerSocket),
  connectsPerAddress: bucket(LIMITS.connectsPerAddress),
  connectionsPerUser: v.optional(whole(1, 100_000), LIMITS.connectionsPerUser),
  roomsPerSession: v.optional(whole(1, LIMITS.roomsPerSession), LIMITS.roomsPerSession),
  idleSeconds: v.optional(whole(60, 366 * 24 * 60 * 60), LIMITS.idleSeconds),
});

const Presence = section({
  roomLimit: v.optional(within(PRESENCE.roomLimit), PRESENCE.roomLimit.default),
});

const Recovery = v.union(
  [
    v.literal(false),
    section({ windowMs: v.optional(within(SOCKETIO.recoveryWindowMs), SOCKETIO.recoveryWindowMs.default) }),
  ],
  'expected false, or an object with key windowMs',
);

const FanOut = section({ direct: v.optional(whole(1, 1_000), FAN_OUT.direct) });

const Lambda = section({
  memoryMb: v.optional(whole(LAMBDA_MEMORY_MB.min, LAMBDA_MEMORY_MB.max), 512),
  restMemoryMb: v.optional(whole(LAMBDA_MEMORY_MB.min, LAMBDA_MEMORY_MB.max), 1024),
  // "At 1,769 MB, a function has the equivalent of one vCPU" (AWS "Configure Lambda function memory").
  fanOutMemoryMb: v.optional(whole(LAMBDA_MEMORY_MB.min, LAMBDA_MEMORY_MB.max), 1769),
});

export const Shape = section({
  name: v.optional(
    v.pipe(
      v.string('expected a stack name'),
      v.regex(/^[A-Za-z][A-Za-z0-9-]{0,99}$/, 'expected a stack name: a letter, then letters, digits or -'),
    ),
    'causeway',
  ),
  profile: v.optional(choice(['development', 'production']), 'development'),
  app: v.optional(text('the path of a file with Socket.IO server code', 1, 4096)),
  namespaces: v.optional(Namespaces),
  lobby: v.optional(Lobby, DEFAULT_LOBBY),
  page: v.optional(flag()),
  heartbeat: v.optional(Heartbeat, {}),
  limits: v.optional(Limits, {}),
  recovery: v.optional(Recovery, {}),
  presence: v.optional(Presence, {}),
  fanOut: v.optional(FanOut, {}),
  auth: v.optional(Auth, {}),
  throttle: v.optional(Throttle, {}),
  stage: v.optional(Stage, {}),
  logs: v.optional(Logs, {}),
  cors: v.optional(Cors, {}),
  lambda: v.optional(Lambda, {}),
});

/** The shape and the rules that span several keys. */
export const Schema = v.pipe(
  Shape,
  v.forward(
    v.partialCheck(
      [['profile'], ['auth', 'scryptLogN']],
      ({ profile, auth }) => profile !== 'production' || auth.scryptLogN >= PRODUCTION_SCRYPT_LOG_N,
      `expected at least ${PRODUCTION_SCRYPT_LOG_N} in the production profile`,
    ),
    ['auth', 'scryptLogN'],
  ),
  v.forward(
    v.partialCheck(
      [
        ['auth', 'builtIn'],
        ['auth', 'issuers'],
      ],
      ({ auth }) => auth.builtIn || auth.issuers.length > 0,
      'expected at least one issuer when auth.builtIn is false: nobody could sign in',
    ),
    ['auth', 'issuers'],
  ),
  v.forward(
    v.partialCheck(
      [['heartbeat']],
      ({ heartbeat }) => heartbeat.pingTimeoutMs >= leastPingTimeout(heartbeat.pingIntervalMs),
      ({ input: { heartbeat } }) =>
        `expected at least ${leastPingTimeout(heartbeat.pingIntervalMs)} with a pingIntervalMs of ${heartbeat.pingIntervalMs}: intervals of a minute and more are served in whole minutes`,
    ),
    ['heartbeat', 'pingTimeoutMs'],
  ),
  v.forward(
    v.partialCheck(
      [['heartbeat']],
      ({ heartbeat }) => heartbeat.pingIntervalMs + heartbeat.pingTimeoutMs <= SOCKETIO.heartbeatMs,
      `expected at most ${SOCKETIO.heartbeatMs} together with pingIntervalMs: API Gateway closes a connection that was idle for so long`,
    ),
    ['heartbeat', 'pingTimeoutMs'],
  ),
  v.forward(
    v.partialCheck(
      [['cors']],
      ({ cors }) => !cors.credentials || !cors.origins.includes('*'),
      'expected origins by name when cors.credentials is true: browsers refuse credentials for "*"',
    ),
    ['cors', 'origins'],
  ),
  // Beside an application of the team's own, only what is asked for.
  v.transform((settings) => ({
    ...settings,
    namespaces: settings.namespaces ?? (settings.app === undefined ? DEFAULT_NAMESPACES : {}),
    page: settings.page ?? settings.app === undefined,
  })),
);

/**
 * A stock client takes the server for dead pingInterval + pingTimeout after the last ping. Sweeps come once a minute, so
 * pings come in whole minutes when the interval is one or more, rounded down (compat/engine/ring.ts), and may be late.
 */
function leastPingTimeout(pingIntervalMs: number): number {
  const { sweepIntervalMs, sweepSlackMs } = SOCKETIO;
  if (pingIntervalMs < sweepIntervalMs) return 0;
  const periodMs = Math.floor(pingIntervalMs / sweepIntervalMs) * sweepIntervalMs;
  return periodMs + sweepSlackMs - pingIntervalMs;
}

/** Every setting, defaults filled in. */
export type Config = v.InferOutput<typeof Schema>;

function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  const known = Object.keys(entries).join(', ');
  return v.strictObject(entries, (issue) =>
    issue.expected === 'never'
      ? `expected one of ${known}`
      : issue.expected === 'Object'
        ? `expected an object with keys ${known}`
        : 'expected a value',
  );
}

function whole(min: number, max: number) {
  const message = `expected a whole number from ${min} to ${max}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(min, message), v.maxValue(max, message));
}

/** A token bucket: `burst` at once, `perSecond` in the long run. */
function bucket(defaults: { readonly perSecond: number; readonly burst: number }) {
  const rate = 'expected a number from 0.01 to 1000000';
  const perSecond = v.pipe(v.number(rate), v.minValue(0.01, rate), v.maxValue(1_000_000, rate));
  return v.optional(
    section({
      perSecond: v.optional(perSecond, defaults.perSecond),
      burst: v.optional(whole(1, 1_000_000), defaults.burst),
    }),
    {},
  );
}

function within({ min, max }: { readonly min: number; readonly max: number }) {
  return whole(min, max);
}

function text(what: string, min: number, max: number) {
  const message = `expected ${what}`;
  return v.pipe(v.string(message), v.minLength(min, message), v.maxLength(max, message));
}

function flag() {
  return v.boolean('expected true or false');
}

function choice<const Options extends readonly string[]>(options: Options) {
  return v.picklist(options, `expected one of ${options.map((option) => `"${option}"`).join(', ')}`);
}
