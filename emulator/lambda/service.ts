/** The Lambda service: finds the function, asks whether the caller may, runs it in a pool of instances, counts and logs. */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type {
  Chaos,
  Clock,
  IncomingEvent,
  InvokeOutcome,
  InvokeSource,
  LambdaService,
  Stack,
} from '../types.ts';
import type { DepthMeter } from '../meter/meter.ts';
import { environmentOf } from './environment.ts';
import type { Credentials } from './environment.ts';
import { createDirectory } from './directory.ts';
import type { Directory, FunctionTarget } from './directory.ts';
import type { FunctionDefinition } from './definition.ts';
import { Instance } from './instance.ts';
import { LATENCY_MS } from './latency.ts';
import { functionLogEntry } from './log-entries.ts';
import type { Log } from './log-entries.ts';
import { Pool } from './pool.ts';
import type { PoolOptions } from './pool.ts';
import type { EventRef } from './protocol.ts';
import { reportRun } from './run-report.ts';

export interface LambdaServiceOptions {
  readonly stack: Stack;
  readonly clock: Clock;
  readonly meter: DepthMeter;
  readonly chaos: Chaos;
  /** http://host:port that plays *.amazonaws.com, for a new instance. */
  readonly awsEndpoint: () => string;
  readonly credentials: (functionLogicalId: string) => Credentials;
  /** Whether a resource policy of the function lets the caller in. */
  readonly mayInvoke: (functionLogicalId: string, source: InvokeSource) => boolean;
  /** Told of every function that is about to run. */
  readonly runs?: (functionLogicalId: string) => void;
  /** Most instances per function. Default 8, and up to 256 while those are held by functions that wait. */
  readonly concurrency?: number;
  /** Default none. */
  readonly latency?: 'none' | 'aws';
  readonly log: Log;
}

const DEFAULT_CONCURRENCY = 8;
const MOST_INSTANCES = 256;
const CLOSED: InvokeOutcome = {
  kind: 'error',
  errorType: 'ServiceException',
  errorMessage: 'The emulator is closed.',
};

export function createLambdaService(options: LambdaServiceOptions): LambdaService {
  return new PooledLambdaService(options);
}

class PooledLambdaService implements LambdaService {
  readonly #options: LambdaServiceOptions;
  readonly #pools = new Map<string, { readonly pool: Pool; definition: FunctionDefinition }>();
  #directory: Directory;
  #closed = false;

  constructor(options: LambdaServiceOptions) {
    this.#options = options;
    this.#directory = createDirectory(options.stack);
  }

  async invoke(...[fn, payload, source, event]: Parameters<LambdaService['invoke']>): Promise<InvokeOutcome> {
    if (this.#closed) return CLOSED;
    const target = this.#directory.find(fn);
    if ('problem' in target) return failed(target.type, target.problem);
    if (!this.#options.mayInvoke(target.definition.logicalId, source)) return forbidden(source, target.arn);
    return this.#run(target, payload, { event });
  }

  find(fn: string): ReturnType<LambdaService['find']> {
    const target = this.#directory.find(fn);
    return 'problem' in target ? target : { name: target.definition.name, arn: target.arn };
  }

  async run(...[fn, payload, by]: Parameters<LambdaService['run']>): Promise<InvokeOutcome> {
    if (this.#closed) return CLOSED;
    const target = this.#directory.find(fn);
    if ('problem' in target) return failed(target.type, target.problem);
    return this.#run(target, payload, by);
  }

  async #run(
    { definition, arn }: FunctionTarget,
    payload: unknown,
    { event, requestId = randomUUID() }: { readonly event: IncomingEvent; readonly requestId?: string },
  ): Promise<InvokeOutcome> {
    const { reservedConcurrency } = definition;
    if (this.#poolOf(definition).load >= (reservedConcurrency ?? Infinity))
      return failed('TooManyRequestsException', 'Rate Exceeded.');
    this.#options.runs?.(definition.logicalId);
    if (this.#options.latency === 'aws') await wait(LATENCY_MS.invoke);
    const end = await this.#poolOf(definition).submit({
      requestId,
      functionArn: arn,
      timeoutMs: definition.timeoutMs,
      payload: JSON.stringify(payload) ?? 'null',
      eventId: event.id,
      depth: this.#options.meter.depth(event),
    });
    if (end.ran) reportRun({ definition, requestId, event, end }, this.#options);
    return end.outcome;
  }

  #poolOf(definition: FunctionDefinition): Pool {
    const known = this.#pools.get(definition.logicalId);
    if (known) return known.pool;
    const pool = new Pool(poolOptions(this.#options, definition));
    this.#pools.set(definition.logicalId, { pool, definition });
    return pool;
  }

  reload(stack: Stack): void {
    this.#directory = createDirectory(stack);
    for (const [logicalId, entry] of this.#pools) {
      const next = this.#directory.definition(logicalId);
      if (next?.fingerprint === entry.definition.fingerprint) continue;
      if (next) {
        entry.definition = next;
        entry.pool.renew(poolOptions(this.#options, next));
      } else {
        this.#pools.delete(logicalId);
        entry.pool.retire(failed('ResourceNotFoundException', `Function not found: ${entry.definition.arn}`));
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values()].map(({ pool }) => pool.close(CLOSED)));
  }
}

function poolOptions(options: LambdaServiceOptions, definition: FunctionDefinition): PoolOptions {
  return {
    limit: options.concurrency ?? DEFAULT_CONCURRENCY,
    ceiling: options.concurrency ?? MOST_INSTANCES,
    startDelayMs: () =>
      options.chaos.delay('cold-start') + (options.latency === 'aws' ? LATENCY_MS.coldStart : 0),
    fate: () => {
      const how = options.chaos.strikes('kill-function')
        ? 'killed'
        : options.chaos.strikes('time-out-function')
          ? 'timeout'
          : undefined;
      return how && { how, afterMs: options.chaos.delay('end-of-function') };
    },
    start: (init) => start(options, definition, init),
  };
}

function start(options: LambdaServiceOptions, definition: FunctionDefinition, init: EventRef): Instance {
  const { name, handler, taskRoot, memoryMb, logGroup, nodeMajor } = definition;
  const day = new Date(options.clock.now()).toISOString().slice(0, 10).replaceAll('-', '/');
  const logStream = `${day}/[$LATEST]${randomUUID().replaceAll('-', '')}`;
  return new Instance({
    data: {
      functionName: name,
      handler,
      taskRoot,
      memoryMb,
      logGroup,
      logStream,
      nodeMajor,
      awsEndpoint: options.awsEndpoint(),
      clockOffset: options.clock.offset,
      init,
    },
    env: environmentOf(definition, options.credentials(definition.logicalId), logStream),
    onLog: (level, text) => options.log(functionLogEntry(name, level, text)),
  });
}

function failed(errorType: string, errorMessage: string): InvokeOutcome {
  return { kind: 'error', errorType, errorMessage };
}

function forbidden(source: InvokeSource, arn: string): InvokeOutcome {
  const errorMessage = `User: ${source.principal} is not authorized to perform: lambda:InvokeFunction on resource: ${arn} because no resource-based policy allows the lambda:InvokeFunction action (source ${source.sourceArn})`;
  return { kind: 'forbidden', errorMessage };
}
