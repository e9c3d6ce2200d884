/** What the main thread and an instance (a worker thread) say to each other. Types only: the runtime inside is plain JavaScript. */

/** Given once, when the instance starts. */
export interface InstanceData {
  readonly functionName: string;
  /** Handler of the template: `index.handler`. */
  readonly handler: string;
  /** Directory of the bundled asset. */
  readonly taskRoot: string;
  readonly memoryMb: number;
  readonly logGroup: string;
  readonly logStream: string;
  /** 24 of `nodejs24.x`. */
  readonly nodeMajor: number;
  /** http://host:port that plays *.amazonaws.com. */
  readonly awsEndpoint: string;
  /** Float64Array(1): milliseconds that the emulated clock is ahead. */
  readonly clockOffset: SharedArrayBuffer;
  /**
   * Int32Array(2): raised by one for each event posted, a frozen instance waits on it; and the gate that keeps the thread
   * from being terminated where Node.js would not survive it (runtime/compression.mjs).
   */
  readonly signal: SharedArrayBuffer;
  /** The event the instance was started for: calls made while the module loads belong to it. */
  readonly init: EventRef;
}

/** The incoming event as the meter knows it, and the depth its AWS calls start from. */
export interface EventRef {
  readonly eventId: number;
  readonly depth: number;
}

export interface InvocationMessage extends EventRef {
  readonly requestId: string;
  readonly functionArn: string;
  readonly timeoutMs: number;
  /** JSON text. */
  readonly payload: string;
}

export interface FailureReport {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type RuntimeMessage =
  | { readonly type: 'ready' }
  /** The module could not be loaded, or has no such handler. */
  | ({ readonly type: 'init-failure' } & FailureReport)
  /** `payload` is JSON text. */
  | { readonly type: 'result'; readonly payload: string; readonly durationMs: number }
  | ({ readonly type: 'failure'; readonly durationMs: number } & FailureReport)
  /** The thread dies after this message. */
  | ({ readonly type: 'fatal' } & FailureReport)
  | { readonly type: 'log'; readonly level: LogLevel; readonly text: string };
