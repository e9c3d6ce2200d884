/** One standard queue: what is in it, when it may be received, and where it goes when that was too often. */
import { createHash, randomUUID } from 'node:crypto';
import type { Clock } from '../types.ts';
import type { QueueDefinition } from './model.ts';

export interface Message {
  readonly id: string;
  readonly body: string;
  readonly md5: string;
  /** Epoch milliseconds; a dead letter keeps that of the queue it comes from ("Using dead-letter queues in Amazon SQS"). */
  readonly sentAt: number;
  readonly senderId: string;
  /** Of text; only services of AWS set them here. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface Received extends Message {
  readonly receiptHandle: string;
  readonly receiveCount: number;
  readonly firstReceivedAt: number;
}

interface Stored {
  readonly message: Message;
  visibleAt: number;
  receiveCount: number;
  firstReceivedAt?: number;
  receiptHandle?: string;
}

export interface Draft {
  readonly body: string;
  readonly senderId: string;
  readonly delayMs?: number;
  readonly attributes?: Readonly<Record<string, string>>;
}

export class Queue {
  readonly definition: QueueDefinition;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #deadLetters: () => Queue | undefined;
  readonly #stored = new Set<Stored>();
  /** Told whenever there may be something to receive, now or later. */
  readonly listeners = new Set<() => void>();

  constructor(
    definition: QueueDefinition,
    clock: Pick<Clock, 'now'>,
    deadLetters: () => Queue | undefined = () => undefined,
  ) {
    this.definition = definition;
    this.#clock = clock;
    this.#deadLetters = deadLetters;
  }

  send({ body, senderId, delayMs = this.definition.delayMs, attributes = {} }: Draft): Message {
    const sentAt = this.#clock.now();
    const message = { id: randomUUID(), body, md5: md5(body), sentAt, senderId, attributes };
    this.#add(message, sentAt + delayMs);
    return message;
  }

  /** At most `max` messages that may be seen now; nobody else gets them until the visibility timeout is over. */
  receive(max: number, visibilityMs: number = this.definition.visibilityMs): readonly Received[] {
    const now = this.#clock.now();
    const received: Received[] = [];
    for (const stored of this.#present()) {
      if (received.length === max) break;
      if (stored.visibleAt > now || this.#redriven(stored)) continue;
      stored.receiveCount += 1;
      stored.firstReceivedAt ??= now;
      stored.receiptHandle = randomUUID();
      stored.visibleAt = now + visibilityMs;
      const { receiptHandle, receiveCount, firstReceivedAt } = stored;
      received.push({ ...stored.message, receiptHandle, receiveCount, firstReceivedAt });
    }
    if (received.length > 0) this.#announce();
    return received;
  }

  /** A handle of an earlier receive is worth nothing once the message was received again. */
  delete(receiptHandle: string): void {
    for (const stored of this.#stored)
      if (stored.receiptHandle === receiptHandle) this.#stored.delete(stored);
  }

  /** When a message can next be received; undefined when there is none. */
  next(): number | undefined {
    const times = [...this.#present()].map(({ visibleAt }) => visibleAt);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** As GetQueueAttributes counts them. */
  counts(): { readonly visible: number; readonly inFlight: number; readonly delayed: number } {
    const now = this.#clock.now();
    const hidden = [...this.#present()].filter(({ visibleAt }) => visibleAt > now);
    const inFlight = hidden.filter(({ receiveCount }) => receiveCount > 0).length;
    return { visible: this.#stored.size - hidden.length, inFlight, delayed: hidden.length - inFlight };
  }

  #add(message: Message, visibleAt: number): void {
    this.#stored.add({ message, visibleAt, receiveCount: 0 });
    this.#announce();
  }

  /** Without those that are older than the queue keeps them. */
  #present(): ReadonlySet<Stored> {
    const oldest = this.#clock.now() - this.definition.retentionMs;
    for (const stored of this.#stored) if (stored.message.sentAt < oldest) this.#stored.delete(stored);
    return this.#stored;
  }

  /** "When the ReceiveCount for a message exceeds the maxReceiveCount", it goes to the dead-letter queue. */
  #redriven(stored: Stored): boolean {
    const { redrive } = this.definition;
    const deadLetters = this.#deadLetters();
    if (redrive === undefined || deadLetters === undefined || stored.receiveCount < redrive.maxReceiveCount)
      return false;
    this.#stored.delete(stored);
    deadLetters.#add(stored.message, this.#clock.now());
    return true;
  }

  #announce(): void {
    for (const listener of this.listeners) listener();
  }
}

export function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}
