/**
 * The instances of one function. An event goes to the idle instance used last; without one a new instance is started, up to
 * the limit; then events wait in the order they came. An instance that gets free serves the first waiting event, even when
 * another one is just being started for it.
 *
 * AWS starts an instance for every event that finds none free. Here that would drown a burst of short events in cold
 * starts, so above the limit one is started only when an event has waited for a while: then the instances are held by
 * functions that wait themselves (long polls), not by work. While this machine has no time to spare they are held by work,
 * and more of them would take all of it.
 */
import { performance } from 'node:perf_hooks';
import { setTimeout as wait } from 'node:timers/promises';
import type { InvokeOutcome } from '../types.ts';
import type { Instance, RunEnd } from './instance.ts';
import type { EventRef, FailureReport, InvocationMessage } from './protocol.ts';

export interface PoolOptions {
  readonly limit: number;
  /** Up to here it grows when events wait. Default: the limit. */
  readonly ceiling?: number;
  /** Waited for before an instance is started. */
  readonly startDelayMs: () => number;
  /** How an event's instance dies in the middle of it, and when; undefined when it does not. */
  readonly fate?: () => { readonly how: 'killed' | 'timeout'; readonly afterMs: number } | undefined;
  /** Starts an instance; `init` is the event it is started for. */
  readonly start: (init: EventRef) => Instance;
}

export interface PoolEnd extends Omit<RunEnd, 'alive'> {
  /** False when no instance was started or used for the event. */
  readonly ran: boolean;
  /** Time the start took, on the first event of an instance. */
  readonly initMs?: number;
}

interface Waiting {
  readonly event: InvocationMessage;
  readonly end: (end: PoolEnd) => void;
}

interface Member {
  readonly instance: Instance;
  readonly generation: number;
  cold: boolean;
  /** Ends a surplus instance that stays idle. */
  leaving?: NodeJS.Timeout;
}

/** How long an event waits before the pool grows above its limit, and by how many instances at a time. */
const PATIENCE_MS = 50;
/** The same while the event loop is busy for more than this part of the time. */
const BUSY = 0.9;
const PATIENCE_WHEN_BUSY_MS = 2_000;
const GROWTH = 8;
/** Instances above the limit go when they have been idle for as long. */
const SURPLUS_IDLE_MS = 60_000;

export class Pool {
  readonly #queue: Waiting[] = [];
  readonly #idle: Member[] = [];
  readonly #busy = new Map<Member, Waiting>();
  /** Every instance there is: starting, idle or busy. */
  readonly #members = new Set<Member>();
  readonly #closing = new AbortController();
  #options: PoolOptions;
  #generation = 0;
  #starting = 0;
  #growth: NodeJS.Timeout | undefined;
  #retired: InvokeOutcome | undefined;

  constructor(options: PoolOptions) {
    this.#options = options;
  }

  submit(event: InvocationMessage): Promise<PoolEnd> {
    return new Promise((end) => {
      if (this.#retired) return end(notRun(this.#retired));
      this.#queue.push({ event, end });
      this.#dispatch();
    });
  }

  /** Events running or waiting. */
  get load(): number {
    return this.#queue.length + this.#busy.size;
  }

  /** From now on only instances started with these options; those at work finish their event first. */
  renew(options: PoolOptions): void {
    this.#options = options;
    this.#generation += 1;
    this.#discardIdle();
    this.#dispatch();
  }

  /** No more events: waiting ones get `outcome`, running ones finish. */
  retire(outcome: InvokeOutcome): void {
    this.#retired ??= outcome;
    clearTimeout(this.#growth);
    this.#closing.abort();
    this.#discardIdle();
    for (const waiting of this.#queue.splice(0)) waiting.end(notRun(outcome));
  }

  /** Ends everything at once; running events get `outcome`. */
  async close(outcome: InvokeOutcome): Promise<void> {
    const members = [...this.#members];
    this.retire(outcome);
    for (const waiting of this.#busy.values()) waiting.end(notRun(outcome));
    this.#busy.clear();
    await Promise.all(members.map(({ instance }) => instance.stop()));
  }

  #dispatch(): void {
    while (this.#queue.length > 0 && this.#idle.length > 0)
      void this.#serve(this.#idle.pop() as Member, this.#queue.shift() as Waiting);
    while (this.#queue.length > this.#starting && this.#instances < this.#options.limit) {
      void this.#spawn((this.#queue[this.#starting] as Waiting).event);
    }
    this.#watchQueue();
  }

  get #instances(): number {
    return this.#starting + this.#idle.length + this.#busy.size;
  }

  /** Grows when the same event is first in the queue as some time ago and no instance is being started. */
  #watchQueue(): void {
    const [first] = this.#queue;
    if (this.#growth !== undefined || first === undefined) return;
    if (this.#instances >= (this.#options.ceiling ?? this.#options.limit)) return;
    const [since, before] = [performance.now(), performance.eventLoopUtilization()];
    const look = (): void => {
      const { utilization } = performance.eventLoopUtilization(before);
      const waits = this.#queue[0] === first && this.#starting === 0;
      if (waits && utilization > BUSY && performance.now() - since < PATIENCE_WHEN_BUSY_MS) return again();
      this.#growth = undefined;
      if (waits) this.#grow();
      else this.#watchQueue();
    };
    const again = (): void => void (this.#growth = setTimeout(look, PATIENCE_MS).unref());
    again();
  }

  #grow(): void {
    const room = (this.#options.ceiling ?? this.#options.limit) - this.#instances;
    for (const { event } of this.#queue.slice(0, Math.min(room, GROWTH))) void this.#spawn(event);
    this.#watchQueue();
  }

  async #serve(member: Member, waiting: Waiting): Promise<void> {
    const init = member.cold ? { initMs: member.instance.initMs } : {};
    member.cold = false;
    this.#busy.set(member, waiting);
    const ended = member.instance.run(waiting.event);
    const fate = this.#options.fate?.();
    const doom = fate && setTimeout(() => member.instance.die(fate.how), fate.afterMs);
    const { alive, ...end } = await ended;
    clearTimeout(doom);
    if (!this.#busy.delete(member)) return;
    this.#release(member, alive);
    waiting.end({ ...end, ...init, ran: true });
  }

  #release(member: Member, alive: boolean): void {
    if (alive && !this.#retired && member.generation === this.#generation) this.#rest(member);
    else this.#discard(member);
    this.#dispatch();
  }

  #rest(member: Member): void {
    this.#idle.push(member);
    if (this.#instances <= this.#options.limit) return;
    clearTimeout(member.leaving);
    member.leaving = setTimeout(() => {
      const at = this.#idle.indexOf(member);
      if (at < 0 || this.#instances <= this.#options.limit) return;
      this.#idle.splice(at, 1);
      this.#discard(member);
    }, SURPLUS_IDLE_MS).unref();
  }

  async #spawn(event: InvocationMessage): Promise<void> {
    this.#starting += 1;
    const generation = this.#generation;
    const started = await this.#start(event, generation);
    this.#starting -= 1;
    if (this.#retired) return started.member && this.#discard(started.member);
    if (started.problem && generation === this.#generation)
      this.#fail(started.problem, started.member?.instance.initMs ?? 0);
    if (started.member) this.#release(started.member, !started.problem);
    else this.#dispatch();
  }

  /** Never throws: an instance that can't even be made fails like one whose module can't be loaded. */
  async #start(
    { eventId, depth }: InvocationMessage,
    generation: number,
  ): Promise<{ member?: Member; problem?: FailureReport | undefined }> {
    try {
      const delay = this.#options.startDelayMs();
      if (delay > 0) await wait(delay, undefined, { signal: this.#closing.signal });
      const member: Member = { instance: this.#options.start({ eventId, depth }), generation, cold: true };
      this.#members.add(member);
      return { member, problem: await member.instance.started };
    } catch (error) {
      return {
        problem: { errorType: 'Runtime.InvalidConfiguration', errorMessage: String(error), trace: [] },
      };
    }
  }

  /** The event that waited longest gets to know. */
  #fail({ errorType, errorMessage, trace }: FailureReport, initMs: number): void {
    this.#queue
      .shift()
      ?.end({ outcome: { kind: 'error', errorType, errorMessage }, durationMs: 0, trace, initMs, ran: true });
  }

  /** A member counts until its thread has ended, so that close() waits for it. */
  #discard(member: Member): void {
    void member.instance.stop().then(() => this.#members.delete(member));
  }

  #discardIdle(): void {
    for (const member of this.#idle.splice(0)) this.#discard(member);
  }
}

function notRun(outcome: InvokeOutcome): PoolEnd {
  return { outcome, durationMs: 0, trace: [], ran: false };
}
