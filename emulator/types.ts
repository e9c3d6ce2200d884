/**
 * The seams between the emulator's rooms. The emulator knows AWS, not Causeway: nothing here or below may name a
 * Causeway table, route or function.
 *
 *   assembly/   cloud assembly and template → Stack (intrinsics resolved)
 *   iam/        policies of the template, SigV4 verification, permission report
 *   lambda/     functions: pools of worker threads
 *   aws/        the endpoint functions call: dynamodb, secretsmanager, execute-api (management API), lambda, sqs, events
 *   apigateway/ WebSocket APIs and HTTP APIs as clients see them
 *   cloudfront/ distributions in front of them
 *   s3/         buckets as their origins
 *   scheduler/  schedules that call functions
 *   sqs/        queues, and the functions that get their messages
 *   events/     the default event bus and its rules
 *   meter/      counts and prices
 *   control/    /_emulator/*, clock, chaos
 *   synth/      runs the CDK app, only when its inputs have changed
 *   cli.ts, cli/, index.ts (startEmulator)
 */
import type { IncomingMessage, ServerResponse } from 'node:http';

// ── assembly ────────────────────────────────────────────────────────────────────────────────────────────────────

/** One resource with every intrinsic function of its properties resolved. */
export interface Resource<P = Record<string, unknown>> {
  readonly logicalId: string;
  readonly type: string;
  readonly properties: P;
  /** What `Ref` gives: a name, id or ARN as CloudFormation documents for the type. */
  readonly ref: string;
  /** What `Fn::GetAtt … Arn` gives, where the type has one. */
  readonly arn?: string;
}

export interface Stack {
  readonly name: string;
  readonly region: string;
  readonly accountId: string;
  ofType<P = Record<string, unknown>>(type: string): readonly Resource<P>[];
  get(logicalId: string): Resource | undefined;
  /** Resolves an expression of the template (used for nested values that need context). */
  resolve(value: unknown): unknown;
  /** Directory of a Lambda function's bundled asset. */
  assetDirectory(functionLogicalId: string): string;
  /** File or directory of an asset by its object key in the bootstrap bucket (`<hash>.zip`). */
  asset(objectKey: string): string | undefined;
  readonly outputs: Readonly<Record<string, string>>;
}

// ── time ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** The emulated clock: real time plus an offset that tests move. */
export interface Clock {
  now(): number;
  /** Shared with worker threads: Float64Array(1) with the offset in milliseconds. */
  readonly offset: SharedArrayBuffer;
  advance(ms: number): void;
  /** Runs `action` when emulated time reaches `at`; the returned function cancels. Never keeps the process alive by itself. */
  at(at: number, action: () => void): () => void;
}

// ── meter ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** One thing that happened at the edge (a frame, an upgrade, a request, a schedule) and all the work it caused. */
export interface IncomingEvent {
  readonly id: number;
  /** `<api name> <route key>`: `my-api $connect`, `my-http-api POST /items`. */
  readonly label: string;
}

export interface AwsCall {
  /** `dynamodb:Query`, `execute-api:POST`, `secretsmanager:GetSecretValue` … */
  readonly operation: string;
  /** 1 for a call that waited for no other, n + 1 for one that started after the answer to an n-th came in. */
  readonly depth: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly bytes: number;
  readonly outcome: string; // 'ok' or the AWS error name
}

export interface Meter {
  open(label: string): IncomingEvent;
  /** The event and everything it caused has ended. */
  close(event: IncomingEvent): void;
  invocation(
    event: IncomingEvent,
    run: { functionName: string; billedMs: number; memoryMb: number; cold: boolean; outcome: string },
  ): void;
  call(event: IncomingEvent | undefined, call: AwsCall): void;
  /** A message of `bytes` through a WebSocket API; billed per started 32 KB. */
  message(event: IncomingEvent | undefined, direction: 'in' | 'out', bytes: number): void;
  httpRequest(event: IncomingEvent): void;
  connectionSeconds(seconds: number): void;
  /** An attempt to deliver an asynchronous invoke. */
  queuedInvoke(): void;
  /** A schedule called its target. */
  scheduledInvoke(): void;
  /** Requests that Lambda makes to a queue for a function. */
  queueRequests(count: number): void;
  /** An event that was put on an event bus. */
  busEvent(): void;
  /** A viewer's request to CloudFront, and whether a CloudFront Function ran for it. */
  edgeRequest(request: { readonly ranFunction: boolean }): void;
}

// ── lambda ──────────────────────────────────────────────────────────────────────────────────────────────────────

export type InvokeOutcome =
  | { readonly kind: 'ok'; readonly payload: unknown }
  /** The handler threw, the process died, or it ran out of time: what AWS reports as FunctionError. */
  | { readonly kind: 'error'; readonly errorType: string; readonly errorMessage: string }
  | { readonly kind: 'timeout'; readonly errorMessage: string }
  /** No resource policy (AWS::Lambda::Permission) lets this caller in. */
  | { readonly kind: 'forbidden'; readonly errorMessage: string };

export interface InvokeSource {
  /** Service principal: `apigateway.amazonaws.com`. */
  readonly principal: string;
  readonly sourceArn: string;
}

export interface LambdaService {
  /** `fn` is a function ARN, name or API Gateway integration URI. */
  invoke(fn: string, payload: unknown, source: InvokeSource, event: IncomingEvent): Promise<InvokeOutcome>;
  /** The function that a name or ARN stands for, with or without a qualifier; or why there is none. */
  find(
    fn: string,
  ): { readonly name: string; readonly arn: string } | { readonly type: string; readonly problem: string };
  /** For a caller whose right to it has been checked. */
  run(
    fn: string,
    payload: unknown,
    by: { readonly event: IncomingEvent; readonly requestId?: string },
  ): Promise<InvokeOutcome>;
  /** Replaces the code of functions whose assets changed; instances in use finish their event first. */
  reload(stack: Stack): void;
  close(): Promise<void>;
}

export interface QueuedEvent {
  readonly functionName: string;
  readonly payload: unknown;
  /** Of the incoming event that each delivery is. */
  readonly label: string;
}

/** Asynchronous invokes (InvocationType Event): accepted now, delivered soon, retried when they fail. */
export interface EventQueue {
  /** `requestId` stays the same over all attempts; `delivered` resolves when the first has ended, however. */
  add(event: QueuedEvent): { readonly requestId: string; readonly delivered: Promise<void> };
}

// ── aws endpoint ────────────────────────────────────────────────────────────────────────────────────────────────

/** A signed request that arrived at the AWS endpoint, signature verified, caller known. */
export interface AwsRequest {
  readonly service: string; // dynamodb, secretsmanager, execute-api, lambda, sqs, events
  readonly host: string;
  readonly method: string;
  /** Raw path and query as sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** The function whose role signed it; undefined for credentials of the operator (tests, scripts). */
  readonly caller?: { readonly functionName: string; readonly roleLogicalId: string };
  /** The incoming event the call belongs to and its serial depth, as the worker attests. */
  readonly event?: IncomingEvent;
  readonly depth: number;
}

export interface AwsResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}

/** Checks one action against the policies of the caller's role. Answers the AWS-worded refusal, or undefined when allowed. */
// Principal, action, resource, condition context: the four parts of every IAM request (IAM "Request context").
// oxlint-disable-next-line max-params
export type Authorize = (
  request: AwsRequest,
  action: string,
  resourceArn: string,
  context?: Readonly<Record<string, string | readonly string[]>>,
) => string | undefined;

export interface AwsServiceHandler {
  readonly service: string;
  handle(request: AwsRequest, authorize: Authorize): Promise<AwsResponse>;
}

// ── edge ────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What the front door (one port) asks of each API: take this request, or say it isn't yours. */
export interface HttpEdge {
  /** True when this edge answered (or will answer) the request. */
  request(req: IncomingMessage, res: ServerResponse): boolean;
}

// ── chaos ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** Seeded faults. Every decision is a pure function of the seed and of the order of questions per site. */
export interface Chaos {
  /** Extra delay in ms at a site (0 without chaos). */
  delay(
    site:
      | 'message'
      | 'post'
      | 'dynamodb'
      | 'cold-start'
      | 'disconnect'
      | 'async-invoke'
      | 'schedule'
      | 'end-of-function',
  ): number;
  /** Whether the fault strikes at this site now. */
  strikes(
    fault:
      | 'drop-disconnect'
      | 'throttle-post'
      | 'throttle-dynamodb'
      | 'duplicate-message'
      | 'duplicate-invoke'
      | 'duplicate-schedule'
      | 'fail-post'
      | 'lose-post'
      | 'fail-dynamodb'
      | 'lose-dynamodb'
      | 'throttle-invoke'
      | 'kill-function'
      | 'time-out-function',
  ): boolean;
}

// ── public API ──────────────────────────────────────────────────────────────────────────────────────────────────

export interface EmulatorOptions {
  /** A synthesised cloud assembly (directory with manifest.json). */
  readonly assembly: string;
  /** 0 picks a free port. Default 3000. */
  readonly port?: number;
  /** Keep tables here; in memory when absent. */
  readonly dataDir?: string;
  readonly chaosSeed?: string;
  /** With `chaosSeed`: services that fail and functions that die, too. Default false. */
  readonly storm?: boolean;
  /** `aws` adds typical AWS latencies; default none. */
  readonly latency?: 'none' | 'aws';
  /** Shortened for tests; defaults are AWS's (600 s and 7,200 s). */
  readonly idleSeconds?: number;
  readonly lifetimeSeconds?: number;
  /** Largest number of instances per function on this machine; further events wait. Default 8, and up to 256 while those are held by functions that wait. */
  readonly concurrency?: number;
  /** Receives everything people or tools may want to read. Default: silent. */
  readonly log?: (entry: EmulatorLogEntry) => void;
}

export interface EmulatorLogEntry {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly source: string; // 'emulator', 'lambda/<function>', …
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>>;
}

export interface Emulator {
  /** `origin` serves REST; `webSockets` maps API name → ws URL (origin + /stage); `native` is the first of them. */
  readonly urls: {
    readonly origin: string;
    readonly native: string;
    readonly webSockets: Readonly<Record<string, string>>;
  };
  /** http://127.0.0.1:port that plays *.amazonaws.com for signed requests (tests, back ends). */
  readonly awsEndpoint: string;
  readonly clock: Clock;
  /** Moves the clock, stopping at each schedule and retry that is due until its function has ended (1 s of real time at most). */
  advance(ms: number): Promise<void>;
  readonly outputs: Readonly<Record<string, string>>;
  /** The same JSON as GET /_emulator/meter and /_emulator/permissions. */
  meter(): MeterReport;
  resetMeter(): void;
  permissions(): PermissionReport;
  /** From now on these faults strike whenever they can, for tests of what is otherwise too rare; none: no more. */
  strike(...faults: readonly Parameters<Chaos['strikes']>[0][]): void;
  /** New code for the same stack without dropping sockets. */
  reload(assembly: string): Promise<void>;
  close(): Promise<void>;
}

export interface Counts {
  readonly count: number;
  readonly lambdaInvocations: number;
  readonly lambdaBilledMs: number;
  /** Longest chain of AWS calls that waited for one another, per event (maximum over events). */
  readonly serialAwsCalls: number;
  readonly managementPosts: number;
  readonly messagesIn: number;
  readonly messagesOut: number;
  readonly httpRequests: number;
  readonly readUnits: number;
  readonly writeUnits: number;
  readonly bytes: number;
  readonly calls: Readonly<Record<string, number>>;
  readonly errors: Readonly<Record<string, number>>;
}

export interface MeterReport {
  readonly total: Counts & {
    readonly connectionMinutes: number;
    /** Attempts to deliver asynchronous invokes. */
    readonly queuedInvokes: number;
    readonly scheduledInvokes: number;
    /** Lambda's requests to queues; those that found nothing are not among them. */
    readonly queueRequests: number;
    readonly busEvents: number;
    /** Requests to CloudFront, and runs of CloudFront Functions for them. */
    readonly edgeRequests: number;
    readonly edgeFunctionRuns: number;
  };
  /** By label, `<api name> <route key>`. */
  readonly events: Readonly<Record<string, Counts>>;
  /** Events opened and not yet closed: 0 means everything has been counted. */
  readonly pending: number;
  readonly cost: { readonly usd: number; readonly parts: Readonly<Record<string, number>> };
}

export interface PermissionReport {
  readonly used: readonly Permission[];
  readonly unused: readonly Permission[];
  readonly denied: readonly {
    readonly functionName: string;
    readonly action: string;
    readonly resource: string;
  }[];
}
export interface Permission {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
}
