/** Counting: what one label, or everything, has used so far. */
import type { AwsCall, Counts } from '../types.ts';
import { costOf } from './prices.ts';
import type { PriceName } from './prices.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** "WebSocket messages are metered in 32 KB increments" (Amazon API Gateway pricing). */
const MESSAGE_UNIT_BYTES = 32 * 1024;

export interface Run {
  readonly functionName: string;
  readonly billedMs: number;
  readonly memoryMb: number;
  readonly outcome: string;
}

/** What no API request stands behind, or no single one: counted in total only. */
export interface Background {
  queuedInvokes: number;
  scheduledInvokes: number;
  queueRequests: number;
  busEvents: number;
  edgeRequests: number;
  edgeFunctionRuns: number;
}

export interface Tally {
  readonly counts: Counts;
  readonly connectionMinutes: number;
  readonly background: Background;
  opened(): void;
  invocation(run: Run): void;
  call(call: AwsCall): void;
  message(direction: 'in' | 'out', bytes: number): void;
  httpRequest(): void;
  connectionSeconds(seconds: number): void;
  /** Dollars by price. */
  cost(architecture: 'arm64' | 'x86_64'): Readonly<Partial<Record<PriceName, number>>>;
}

export function createTally(): Tally {
  return new CountingTally();
}

class CountingTally implements Tally {
  readonly counts: Mutable<Counts> & {
    readonly calls: Record<string, number>;
    readonly errors: Record<string, number>;
  } = {
    count: 0,
    lambdaInvocations: 0,
    lambdaBilledMs: 0,
    serialAwsCalls: 0,
    managementPosts: 0,
    messagesIn: 0,
    messagesOut: 0,
    httpRequests: 0,
    readUnits: 0,
    writeUnits: 0,
    bytes: 0,
    calls: {},
    errors: {},
  };
  readonly background: Background = {
    queuedInvokes: 0,
    scheduledInvokes: 0,
    queueRequests: 0,
    busEvents: 0,
    edgeRequests: 0,
    edgeFunctionRuns: 0,
  };
  readonly #extra = { gigabyteSeconds: 0, bytesOut: 0, seconds: 0 };

  opened(): void {
    this.counts.count += 1;
  }
  invocation(run: Run): void {
    this.counts.lambdaInvocations += 1;
    this.counts.lambdaBilledMs += run.billedMs;
    this.#extra.gigabyteSeconds += (run.billedMs / 1000) * (run.memoryMb / 1024);
    if (run.outcome !== 'ok') add(this.counts.errors, `lambda:${run.functionName} ${run.outcome}`);
  }
  call(call: AwsCall): void {
    const { counts } = this;
    add(counts.calls, call.operation);
    if (call.outcome !== 'ok') add(counts.errors, `${call.operation} ${call.outcome}`);
    if (call.operation === 'execute-api:POST') counts.managementPosts += 1;
    counts.serialAwsCalls = Math.max(counts.serialAwsCalls, call.depth);
    counts.readUnits += call.readUnits;
    counts.writeUnits += call.writeUnits;
    counts.bytes += call.bytes;
  }
  message(direction: 'in' | 'out', bytes: number): void {
    const units = Math.max(1, Math.ceil(bytes / MESSAGE_UNIT_BYTES));
    this.counts.bytes += bytes;
    if (direction === 'in') {
      this.counts.messagesIn += units;
      return;
    }
    this.counts.messagesOut += units;
    this.#extra.bytesOut += bytes;
  }
  httpRequest(): void {
    this.counts.httpRequests += 1;
  }
  connectionSeconds(seconds: number): void {
    this.#extra.seconds += seconds;
  }
  get connectionMinutes(): number {
    return this.#extra.seconds / 60;
  }
  cost(architecture: 'arm64' | 'x86_64'): Readonly<Partial<Record<PriceName, number>>> {
    return priced(this.counts, { ...this.#extra, ...this.background }, architecture);
  }
}

function priced(
  counts: Counts,
  extra: Background & { gigabyteSeconds: number; bytesOut: number; seconds: number },
  architecture: 'arm64' | 'x86_64',
) {
  const duration = architecture === 'arm64' ? 'lambdaArm64' : 'lambdaX86';
  const used: Partial<Record<PriceName, number>> = {
    webSocketMessages: counts.messagesIn + counts.messagesOut,
    connectionMinutes: extra.seconds / 60,
    httpRequests: counts.httpRequests,
    lambdaRequests: counts.lambdaInvocations,
    [duration]: extra.gigabyteSeconds,
    dynamodbReads: counts.readUnits,
    dynamodbWrites: counts.writeUnits,
    secretsManagerCalls: sumOf(counts.calls, 'secretsmanager:'),
    scheduledInvokes: extra.scheduledInvokes,
    queueRequests: extra.queueRequests + sumOf(counts.calls, 'sqs:'),
    busEvents: extra.busEvents,
    edgeRequests: extra.edgeRequests,
    edgeFunctionRuns: extra.edgeFunctionRuns,
    egress: extra.bytesOut,
  };
  return Object.fromEntries(
    Object.entries(used).map(([name, quantity]) => [name, costOf(name as PriceName, quantity)]),
  );
}

function sumOf(calls: Readonly<Record<string, number>>, prefix: string): number {
  return Object.entries(calls).reduce(
    (sum, [name, count]) => (name.startsWith(prefix) ? sum + count : sum),
    0,
  );
}

function add(record: Record<string, number>, key: string): void {
  record[key] = (record[key] ?? 0) + 1;
}
