/** One execution environment: a worker thread that handles one event at a time and is frozen in between. */
import { Worker } from 'node:worker_threads';
import type { InvokeOutcome } from '../types.ts';
import type { FailureReport, InstanceData, InvocationMessage, LogLevel, RuntimeMessage } from './protocol.ts';

const RUNTIME = new URL('./runtime/main.mjs', import.meta.url);

/** "The Init phase is limited to 10 seconds" (Lambda Developer Guide, "Lambda execution environment lifecycle"). */
const INIT_LIMIT_MS = 10_000;

/** "Response payload size exceeded maximum allowed payload size": 6 MB and a little (Lambda quotas). */
const MOST_RESPONSE_BYTES = 6_291_556;

/** As runtime/compression.mjs. */
const GATE = 1;
const [FREE, BUSY, CLOSED] = [0, 1, 2] as const;

export interface InstanceOptions {
  readonly data: Omit<InstanceData, 'signal'>;
  readonly env: Readonly<Record<string, string>>;
  readonly onLog: (level: LogLevel, text: string) => void;
  readonly initLimitMs?: number;
}

export interface RunEnd {
  readonly outcome: InvokeOutcome;
  readonly durationMs: number;
  readonly trace: readonly string[];
  /** False when the instance is gone with this event. */
  readonly alive: boolean;
}

interface Running {
  readonly event: InvocationMessage;
  readonly startedAt: number;
  readonly timer: NodeJS.Timeout;
  readonly end: (end: RunEnd) => void;
}

export class Instance {
  /** Settles when the module is loaded (undefined) or can't be. */
  readonly started: Promise<FailureReport | undefined>;
  /** How long that took. */
  initMs = 0;
  readonly #worker: Worker;
  readonly #turns = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  #exited = false;
  readonly #bornAt = performance.now();
  readonly #initTimer: NodeJS.Timeout;
  readonly #onLog: InstanceOptions['onLog'];
  #reportStart: (failure: FailureReport | undefined) => void = () => {};
  #running: Running | undefined;
  #lastWords: FailureReport | undefined;

  constructor(options: InstanceOptions) {
    this.#onLog = options.onLog;
    this.started = new Promise((resolve) => (this.#reportStart = resolve));
    this.#worker = createWorker(options, this.#turns.buffer);
    this.#initTimer = setTimeout(
      () => this.#initTimeout(options.initLimitMs ?? INIT_LIMIT_MS),
      options.initLimitMs ?? INIT_LIMIT_MS,
    );
    this.#worker.on('message', (message: RuntimeMessage) => this.#hear(message));
    this.#worker.on('error', (error: NodeJS.ErrnoException) => (this.#lastWords ??= deathBy(error)));
    this.#worker.on('exit', (code) => this.#exit(code));
  }

  /** Only when started and not running. */
  run(event: InvocationMessage): Promise<RunEnd> {
    return new Promise((end) => {
      this.#running = {
        event,
        startedAt: performance.now(),
        timer: setTimeout(() => this.#timeout(event), event.timeoutMs),
        end,
      };
      this.#worker.postMessage(event);
      Atomics.add(this.#turns, 0, 1);
      Atomics.notify(this.#turns, 0);
    });
  }

  /** In the middle of its event: as a process that the system kills, or as if the event's time were up. */
  die(how: 'killed' | 'timeout'): void {
    if (how === 'timeout' && this.#running) return this.#timeout(this.#running.event);
    this.#lastWords ??= exitFailure('signal: killed', false);
    void this.#terminate();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#initTimer);
    clearTimeout(this.#running?.timer);
    await this.#terminate();
  }

  /** Waits until the thread is not making a compression stream, and keeps it from making another. */
  async #terminate(): Promise<void> {
    while (!this.#exited && Atomics.compareExchange(this.#turns, GATE, FREE, CLOSED) === BUSY)
      await new Promise((resolve) => setImmediate(resolve));
    await this.#worker.terminate();
  }

  #hear(message: RuntimeMessage): void {
    if (message.type === 'log') this.#onLog(message.level, message.text);
    else if (message.type === 'ready') this.#start();
    else if (message.type === 'result')
      this.#end(readResult(message.payload), { durationMs: message.durationMs, alive: true });
    else if (message.type === 'failure')
      this.#end(errorOutcome(message), { durationMs: message.durationMs, trace: message.trace, alive: true });
    else this.#lastWords = message;
  }

  #exit(code: number): void {
    this.#exited = true;
    const words = this.#lastWords ?? exitFailure(`exit status ${code}`, code === 0);
    this.#start(words);
    this.#end(errorOutcome(this.#running ? withRequestId(words, this.#running.event) : words), {
      trace: words.trace,
    });
  }

  #start(problem?: FailureReport): void {
    clearTimeout(this.#initTimer);
    this.initMs ||= performance.now() - this.#bornAt;
    this.#reportStart(problem);
  }

  #end(outcome: InvokeOutcome, rest: Partial<RunEnd>): void {
    const finished = this.#running;
    if (!finished) return;
    this.#running = undefined;
    clearTimeout(finished.timer);
    finished.end({
      outcome,
      durationMs: performance.now() - finished.startedAt,
      trace: [],
      alive: false,
      ...rest,
    });
  }

  #timeout(event: InvocationMessage): void {
    const errorMessage = `${new Date().toISOString()} ${event.requestId} Task timed out after ${(event.timeoutMs / 1000).toFixed(2)} seconds`;
    void this.#terminate();
    this.#end({ kind: 'timeout', errorMessage }, { durationMs: event.timeoutMs });
  }

  #initTimeout(limitMs: number): void {
    this.#lastWords ??= failure(
      'Sandbox.Timedout',
      `Error: Init phase timed out after ${(limitMs / 1000).toFixed(2)} seconds`,
    );
    void this.#terminate();
  }
}

/** Neither variables nor command line options (loaders of a test runner, say) of this process reach the function. */
function createWorker({ data, env, onLog }: InstanceOptions, signal: SharedArrayBuffer): Worker {
  const worker = new Worker(RUNTIME, {
    workerData: { ...data, signal } satisfies InstanceData,
    env: { ...env },
    execArgv: ['--no-warnings'],
    name: data.functionName,
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: data.memoryMb },
  });
  // Only what bypasses the runtime's own streams comes this way.
  worker.stdout.setEncoding('utf8').on('data', (text: string) => onLog('info', text.trimEnd()));
  worker.stderr.setEncoding('utf8').on('data', (text: string) => onLog('error', text.trimEnd()));
  return worker;
}

function readResult(payload: string): InvokeOutcome {
  if (payload.length > MOST_RESPONSE_BYTES / 4 && Buffer.byteLength(payload) > MOST_RESPONSE_BYTES) {
    return errorOutcome(
      failure(
        'Function.ResponseSizeTooLarge',
        `Response payload size exceeded maximum allowed payload size (${MOST_RESPONSE_BYTES} bytes).`,
      ),
    );
  }
  return { kind: 'ok', payload: JSON.parse(payload) as unknown };
}

/** "Runtime exited with error: signal: killed" is what an event sees when the memory does not suffice. */
function deathBy(error: NodeJS.ErrnoException): FailureReport {
  if (error.code === 'ERR_WORKER_OUT_OF_MEMORY') return exitFailure('signal: killed', false);
  return { errorType: error.name, errorMessage: error.message, trace: String(error.stack).split('\n') };
}

function exitFailure(how: string, withoutReason: boolean): FailureReport {
  return failure(
    'Runtime.ExitError',
    withoutReason
      ? 'Error: Runtime exited without providing a reason'
      : `Error: Runtime exited with error: ${how}`,
  );
}

function withRequestId(words: FailureReport, event: InvocationMessage): FailureReport {
  if (words.errorType !== 'Runtime.ExitError') return words;
  return { ...words, errorMessage: `RequestId: ${event.requestId} ${words.errorMessage}` };
}

function failure(errorType: string, errorMessage: string): FailureReport {
  return { errorType, errorMessage, trace: [] };
}

function errorOutcome({ errorType, errorMessage }: FailureReport): InvokeOutcome {
  return { kind: 'error', errorType, errorMessage };
}
