import type { DialectId } from '../../lambdas/manifest/dialects.ts';

/**
 * The settings of a deployment, as written in `causeway.config.ts`. Every key is optional.
 *
 * An environment variable `CAUSEWAY_<PATH>` overrides a scalar (`CAUSEWAY_AUTH_TOKEN_TTL_SECONDS=3600`) or a list of
 * words (`CAUSEWAY_CORS_ORIGINS=https://a.example,https://b.example`).
 */
export interface CausewayConfig {
  /** Name of the CloudFormation stack and prefix of the APIs' names. Default `causeway`. */
  readonly name?: string;
  /**
   * `production` keeps the table and the signing secret when the stack is deleted and refuses to delete the table.
   * `development` removes everything with the stack. Default `development`.
   */
  readonly profile?: 'development' | 'production';
  /**
   * File with ordinary Socket.IO server code, relative to the configuration file: its default export is a function
   * `(io) => …` or a `Server`, or it makes one with `new Server()`. Default: no Socket.IO application.
   */
  readonly app?: string;
  /**
   * Namespace → the documented vocabularies (dialects) served there, each at least one; any other namespace is the application's
   * own. `{}` for none. Default: all of them on `/` and `rooms` on `/chat`; none when `app` is set.
   */
  readonly namespaces?: Readonly<Record<string, readonly DialectId[]>>;
  /**
   * Id of the room that messages of the messenger vocabulary go to when they name none, and that its clients join; false for
   * none: such messages are refused. Default `lobby`.
   */
  readonly lobby?: string | false;
  /**
   * Serve the demo page (examples/web) at `/`, from a bucket behind CloudFront. Default true; false when `app` is set, whose
   * sockets the page would not understand.
   */
  readonly page?: boolean;
  readonly heartbeat?: HeartbeatConfig;
  readonly limits?: LimitsConfig;
  /**
   * Connection state recovery: how long a Socket.IO client that lost its connection may come back and find its id, rooms
   * and the events it missed, 1 s to 24 h; false to keep nothing. Default `{ windowMs: 120000 }`.
   */
  readonly recovery?: false | { readonly windowMs?: number };
  readonly presence?: {
    /** In a room with more connections and sockets nobody is told who comes and goes; it can be asked for. 0 to 1000. Default 200. */
    readonly roomLimit?: number;
  };
  readonly fanOut?: {
    /**
     * How many connections and sockets the invocation tells itself that an event came to; in larger rooms the function
     * `fan-out` tells all of them. 1 to 1000. Default 100.
     */
    readonly direct?: number;
  };
  readonly auth?: AuthConfig;
  /** Attempts to sign in or register, counted across all Lambda instances. */
  readonly throttle?: ThrottleConfig;
  /** Token bucket of every route of both APIs. */
  readonly stage?: StageConfig;
  readonly logs?: LogsConfig;
  readonly cors?: {
    /** Origins that browsers may call REST and Socket.IO from; `*` for any. Default `['*']`. */
    readonly origins?: readonly string[];
    /** Let Socket.IO clients use `withCredentials`; needs origins by name. REST never reads cookies. Default false. */
    readonly credentials?: boolean;
  };
  readonly lambda?: {
    /** Memory of every function but `rest` and `fan-out`, in MB; CPU grows with it. Default 512. */
    readonly memoryMb?: number;
    /** Memory of `rest`, in MB: scrypt needs the CPU. Default 1024. */
    readonly restMemoryMb?: number;
    /** Memory of `fan-out`, in MB: how fast a crowd is told is a matter of CPU. Default 1769, one whole virtual CPU. */
    readonly fanOutMemoryMb?: number;
  };
}

export interface AuthConfig {
  /** Sign people in with POST /auth/register and /auth/login. Default true. */
  readonly builtIn?: boolean;
  /** Life of a built-in token, 60 s to 30 days. Default 43200 (12 hours). */
  readonly tokenTtlSeconds?: number;
  /** log2 of scrypt's N for passwords, 10–17 (1 MB to 128 MB of memory a try); at least 14 in production. Default 15. */
  readonly scryptLogN?: number;
  /** Identity providers whose tokens are accepted (RS, ES or EdDSA). Default none. */
  readonly issuers?: readonly IssuerConfig[];
}

export interface IssuerConfig {
  /** `iss` claim, exactly. */
  readonly issuer: string;
  /** Accepted `aud` claims (Cognito: ids of app clients). */
  readonly audience: string | readonly string[];
  /** https URL of the keys. Default `<issuer>/.well-known/jwks.json`. */
  readonly jwksUri?: string;
  /** The keys themselves, so that nothing is fetched; each needs a `kid`. */
  readonly jwks?: { readonly keys: readonly Readonly<Record<string, unknown>>[] };
  /** Put before the user ids of its tokens (1 to 32 characters of an id), so that two issuers cannot speak for one user. Default: nothing. */
  readonly userIdPrefix?: string;
  /** Default: the algorithm each key names, else those that fit its type. */
  readonly algorithms?: readonly ('RS256' | 'RS384' | 'RS512' | 'ES256' | 'ES384' | 'ES512' | 'EdDSA')[];
}

/** When Socket.IO clients are pinged, in milliseconds. Each ping is a billed message and its pong an invocation. */
export interface HeartbeatConfig {
  /**
   * 100 to 500000. Below a minute, a function runs without a pause to send the pings. From a minute on, pings come
   * every so many whole minutes, rounded down. Default 480000.
   */
  readonly pingIntervalMs?: number;
  /**
   * How long a client may take to answer, 100 to 300000; at least 20000 when pingIntervalMs is a whole number of minutes. Both
   * together at most 600000. Default 60000.
   */
  readonly pingTimeoutMs?: number;
}

export interface LimitsConfig {
  /** Milliseconds in which a Socket.IO client must join a namespace, 100 to 600000; checked once a heartbeat. Default 45000. */
  readonly connectTimeoutMs?: number;
  /** Largest polling request, in bytes, at most 4000000. Default 1000000. A WebSocket frame is 32 KB at most, by AWS. */
  readonly maxPayloadBytes?: number;
  /** Events of one connection or Socket.IO session. Default 10 a second, 200 at once. docs/limits.md has the answers. */
  readonly perSocket?: BucketConfig;
  /** Events and REST requests of one user, over all connections. Default 20 a second, 400 at once. */
  readonly perUser?: BucketConfig;
  /** Frames of one Socket.IO session, whatever they hold. Default 50 a second, 500 at once. */
  readonly framesPerSocket?: BucketConfig;
  /** New connections from one address. Default 20 a second, 1000 at once. */
  readonly connectsPerAddress?: BucketConfig;
  /** Connections of one user at the same time. Default 100. */
  readonly connectionsPerUser?: number;
  /** Rooms a native connection may be in, 1 to 100. Default 100. */
  readonly roomsPerSession?: number;
  /** Seconds after which a Socket.IO session of chat is closed whose client has done nothing. Default 172800 (two days). */
  readonly idleSeconds?: number;
}

/** A token bucket, which holds across all Lambda instances. */
export interface BucketConfig {
  /** In the long run, 0.01 to 1000000. */
  readonly perSecond?: number;
  /** At once, 1 to 1000000. */
  readonly burst?: number;
}

export interface ThrottleConfig {
  /** Default 900. */
  readonly windowSeconds?: number;
  /** Default 10. */
  readonly loginsPerEmail?: number;
  /** Default 100. */
  readonly loginsPerAddress?: number;
  /** Default 1000. */
  readonly registrationsPerAddress?: number;
}

export interface StageConfig {
  /** Requests or frames per second. Default 1000. */
  readonly rateLimit?: number;
  /** Default 2000. */
  readonly burstLimit?: number;
}

export interface LogsConfig {
  /** One of the periods CloudWatch Logs takes. Default 30. */
  readonly retentionDays?: number;
  /** Default `info`. */
  readonly level?: 'debug' | 'info' | 'warn' | 'error';
  /**
   * Set the region's API Gateway log role, which access logs of WebSocket APIs need. Say false when the account's
   * administrators have set one already. Default true.
   */
  readonly accountRole?: boolean;
}

/** Gives an editor the types of the settings; returns them unchanged. */
export function defineConfig(config: CausewayConfig): CausewayConfig {
  return config;
}
