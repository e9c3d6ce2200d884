import type { Log } from '../../lambdas/ports/runtime.ts';
import type { AckStore, Namespace, SocketId } from '../../lambdas/ports/socketio.ts';
import { fromText } from './binary-json.ts';
import type { Pending } from './pending.ts';

/** An event that was sent with an acknowledgement, and who may answer it. */
export interface Question {
  readonly nsp: Namespace;
  readonly id: number;
  /** Nobody yet while the recipients are being looked up. */
  readonly from: Set<SocketId>;
  answer(socketId: SocketId, args: readonly unknown[]): void;
}

export interface AcksDeps {
  /** Told of the first question. */
  readonly asked?: () => void;
  readonly store: AckStore;
  readonly work: Pending;
  readonly log: Log;
  /** Sends what was emitted so far, since nobody answers what has not been sent. */
  flush(): Promise<void>;
}

/** How often the store is asked for answers: soon at first, since clients answer at once, then less. */
const POLL = { firstMs: 25, maxMs: 250 } as const;

/**
 * Answers of clients to events of the server. A client's `43…` is a frame of its own and reaches another instance, which
 * puts it into the store; the instance that asked looks there until everybody has answered or time is up.
 */
export class Acks {
  private readonly deps: AcksDeps;
  private readonly open = new Map<string, Question & { readonly answered: Set<SocketId> }>();
  private readonly waiting = new Map<string, () => void>();
  private looking = false;
  private wake: (() => void) | undefined;

  constructor(deps: AcksDeps) {
    this.deps = deps;
  }

  /** Ends when the question is finished; the run waits for that. */
  ask(question: Question): Promise<void> {
    const key = keyOf(question);
    this.open.set(key, { ...question, answered: new Set() });
    const finished = new Promise<void>((resolve) => {
      this.waiting.set(key, resolve);
    });
    this.deps.work.add(finished);
    if (!this.looking) {
      this.looking = true;
      this.deps.asked?.();
      void this.look();
    }
    return finished;
  }

  /** Nobody waits for this question any more. */
  finish(ack: { readonly nsp: Namespace; readonly id: number }): void {
    const key = keyOf(ack);
    this.open.delete(key);
    this.waiting.get(key)?.();
    this.waiting.delete(key);
    if (this.open.size === 0) this.wake?.();
  }

  /** Gives up; what was still open. */
  finishAll(): readonly Question[] {
    const open = [...this.open.values()];
    for (const question of open) this.finish(question);
    return open;
  }

  isOpen(ack: { readonly nsp: Namespace; readonly id: number }): boolean {
    return this.open.has(keyOf(ack));
  }

  /** An answer; each socket's first one counts. */
  give(
    ack: { readonly nsp: Namespace; readonly id: number },
    from: { readonly socketId: SocketId; readonly args: readonly unknown[] },
  ): void {
    const question = this.open.get(keyOf(ack));
    if (question === undefined || !question.from.has(from.socketId)) return;
    if (question.answered.has(from.socketId)) return;
    question.answered.add(from.socketId);
    question.answer(from.socketId, from.args);
  }

  private async look(): Promise<void> {
    // What is emitted in the same breath goes along.
    await Promise.resolve();
    await this.deps.flush();
    for (let wait: number = POLL.firstMs; this.open.size > 0; wait = Math.min(wait * 2, POLL.maxMs)) {
      await this.sleep(wait);
      await Promise.all([...this.open.values()].map((question) => this.lookFor(question)));
    }
    this.looking = false;
  }

  private async lookFor({ nsp, id }: Question): Promise<void> {
    try {
      for (const { socketId, args } of await this.deps.store.answers({ nsp, id }))
        this.give({ nsp, id }, { socketId, args: fromText(args) as unknown[] });
    } catch (error) {
      this.deps.log.error('The answers of clients could not be read', { namespace: nsp, error });
    }
  }

  private sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function keyOf({ nsp, id }: { readonly nsp: Namespace; readonly id: number }): string {
  return `${id}${nsp}`;
}
