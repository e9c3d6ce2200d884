/**
 * The instances of one function. An event goes to the idle instance used last; without one a new instance is started, up to
 * the limit; then events wait in the order they came. An instance that gets free serves the first waiting event, even when
 * another one is just being started for it.
 */
import { setTimeout as wait } from 'node:timers/promises';
import type { InvokeOutcome } from '../types.ts';
import type { Instance, RunEnd } from './instance.ts';
import type { EventRef, FailureReport, InvocationMessage } from './protocol.ts';

export interface PoolOptions {
  readonly limit: number;
  /** Waited for before an instance is started. */
  readonly startDelayMs: () => number;
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
}

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
    while (
      this.#queue.length > this.#starting &&
      this.#starting + this.#idle.length + this.#busy.size < this.#options.limit
    ) {
      void this.#spawn((this.#queue[this.#starting] as Waiting).event);
    }
  }

  async #serve(member: Member, waiting: Waiting): Promise<void> {
    const init = member.cold ? { initMs: member.instance.initMs } : {};
    member.cold = false;
    this.#busy.set(member, waiting);
    const { alive, ...end } = await member.instance.run(waiting.event);
    if (!this.#busy.delete(member)) return;
    this.#release(member, alive);
    waiting.end({ ...end, ...init, ran: true });
  }

  #release(member: Member, alive: boolean): void {
    if (alive && !this.#retired && member.generation === this.#generation) this.#idle.push(member);
    else this.#discard(member);
    this.#dispatch();
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
