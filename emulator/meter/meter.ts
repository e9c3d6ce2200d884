/**
 * The meter: counts per incoming event, added up per label and in total.
 *
 * Units. `messagesIn/Out` are billed units of 32 KB. `bytes` are those of AWS calls plus those of WebSocket messages (a
 * post counts on both of its hops). `managementPosts` are PostToConnection calls, whatever their outcome. `errors` are
 * keyed `<operation> <AWS error name>` and `lambda:<function> <error type>`. `serialAwsCalls` is a maximum, not a sum.
 * `queuedInvokes`, `scheduledInvokes`, `queueRequests`, `busEvents`, `edgeRequests` and `edgeFunctionRuns` are counted in the total only; so is a call without an event, or one whose event has ended.
 */
import type { AwsCall, Counts, IncomingEvent, Meter, MeterReport } from '../types.ts';
import { createTally } from './tally.ts';
import type { Tally } from './tally.ts';

export interface MeterOptions {
  /** Price of Lambda's GB-seconds. Default arm64. */
  readonly architecture?: 'arm64' | 'x86_64';
}

/** What the Lambda service asks, besides counting. */
export interface DepthMeter extends Meter {
  /** The deepest AWS call the event has made so far: the next invocation of the same event continues from there. 0 for none. */
  depth(event: IncomingEvent): number;
}

export interface EventMeter extends DepthMeter {
  report(): MeterReport;
  /** Counts start again at zero; events under way stay known and are counted further. */
  reset(): void;
  /** The event with this id, while it is open. */
  event(id: number): IncomingEvent | undefined;
}

interface Open {
  readonly event: IncomingEvent;
  depth: number;
}

export function createMeter(options: MeterOptions = {}): EventMeter {
  return new CountingMeter(options);
}

class CountingMeter implements EventMeter {
  readonly #architecture: 'arm64' | 'x86_64';
  readonly #open = new Map<number, Open>();
  #labels = new Map<string, Tally>();
  #total = createTally();
  #lastId = 0;

  constructor({ architecture }: MeterOptions) {
    this.#architecture = architecture ?? 'arm64';
  }

  open(label: string): IncomingEvent {
    const event: IncomingEvent = { id: (this.#lastId += 1), label };
    this.#open.set(event.id, { event, depth: 0 });
    this.#count(event, (tally) => tally.opened());
    return event;
  }
  close(event: IncomingEvent): void {
    this.#open.delete(event.id);
  }
  event(id: number): IncomingEvent | undefined {
    return this.#open.get(id)?.event;
  }
  depth(event: IncomingEvent): number {
    return this.#open.get(event.id)?.depth ?? 0;
  }

  invocation(event: IncomingEvent, run: Parameters<EventMeter['invocation']>[1]): void {
    this.#count(event, (tally) => tally.invocation(run));
  }
  call(event: IncomingEvent | undefined, call: AwsCall): void {
    this.#count(event, (tally) => tally.call(call));
    const state = event && this.#open.get(event.id);
    if (state) state.depth = Math.max(state.depth, call.depth);
  }
  message(event: IncomingEvent | undefined, direction: 'in' | 'out', bytes: number): void {
    this.#count(event, (tally) => tally.message(direction, bytes));
  }
  httpRequest(event: IncomingEvent): void {
    this.#count(event, (tally) => tally.httpRequest());
  }
  connectionSeconds(seconds: number): void {
    this.#total.connectionSeconds(seconds);
  }
  queuedInvoke(): void {
    this.#total.background.queuedInvokes += 1;
  }
  scheduledInvoke(): void {
    this.#total.background.scheduledInvokes += 1;
  }
  queueRequests(count: number): void {
    this.#total.background.queueRequests += count;
  }
  busEvent(): void {
    this.#total.background.busEvents += 1;
  }
  edgeRequest({ ranFunction }: { readonly ranFunction: boolean }): void {
    this.#total.background.edgeRequests += 1;
    if (ranFunction) this.#total.background.edgeFunctionRuns += 1;
  }

  report(): MeterReport {
    return reportOf(this.#total, this.#labels, {
      pending: this.#open.size,
      architecture: this.#architecture,
    });
  }
  reset(): void {
    this.#labels = new Map();
    this.#total = createTally();
  }

  #count(event: IncomingEvent | undefined, add: (tally: Tally) => void): void {
    add(this.#total);
    if (!event || !this.#open.has(event.id)) return;
    let tally = this.#labels.get(event.label);
    if (!tally) this.#labels.set(event.label, (tally = createTally()));
    add(tally);
  }
}

function reportOf(
  total: Tally,
  labels: ReadonlyMap<string, Tally>,
  rest: { pending: number; architecture: 'arm64' | 'x86_64' },
): MeterReport {
  const parts = total.cost(rest.architecture) as Record<string, number>;
  return {
    total: { ...copy(total.counts), ...total.background, connectionMinutes: total.connectionMinutes },
    events: Object.fromEntries([...labels].map(([label, tally]) => [label, copy(tally.counts)])),
    pending: rest.pending,
    cost: { usd: Object.values(parts).reduce((sum, part) => sum + part, 0), parts },
  };
}

/** A report is a snapshot: later events must not change it. */
function copy(counts: Counts): Counts {
  return { ...counts, calls: { ...counts.calls }, errors: { ...counts.errors } };
}
