import { CausewayError } from '../domain/errors.ts';
import { FAN_OUT } from '../manifest/limits.ts';
import type { MailStore } from '../ports/mail.ts';

export interface BagRun {
  readonly bag: string;
  /** Of this invocation. */
  readonly run: string;
  readonly size: number;
  /** The first who is not done: an attempt before may have left some in doubt. */
  readonly from: number;
  /** The first whom nobody has posted to. */
  readonly to: number;
}

/**
 * Notes who may be posted to before anybody is, FAN_OUT.noted at a time and ahead of the posts: after a crash those between
 * the first who was not done and the last who was allowed are in doubt, and nobody else.
 */
export class BagProgress {
  readonly #mail: Pick<MailStore, 'note'>;
  readonly #of: BagRun;
  readonly #done = new Set<number>();
  /** The first who is not done. */
  #low: number;
  /** Who may be posted to: all before. */
  #allowed: number;
  #noting: Promise<void> | undefined;

  constructor(mail: Pick<MailStore, 'note'>, of: BagRun) {
    this.#mail = mail;
    this.#of = of;
    this.#low = of.from;
    this.#allowed = of.to;
  }

  /** Fulfilled when recipient `index` may be posted to. Rejects with `unavailable` when another run has taken the bag. */
  async allow(index: number): Promise<void> {
    while (index >= this.#allowed) await this.#extend();
    const isNear = index + FAN_OUT.noted / 2 >= this.#allowed && this.#allowed < this.#of.size;
    // Ahead of need; a failure meets whoever needs it.
    if (isNear) this.#extend().catch(() => {});
  }

  done(index: number): void {
    this.#done.add(index);
    while (this.#done.delete(this.#low)) this.#low += 1;
  }

  #extend(): Promise<void> {
    this.#noting ??= this.#note().finally(() => {
      this.#noting = undefined;
    });
    return this.#noting;
  }

  async #note(): Promise<void> {
    const { bag, run, size } = this.#of;
    const to = Math.min(size, this.#allowed + FAN_OUT.noted);
    if ((await this.#mail.note(bag, run, { from: this.#low, to })) === 'lost')
      throw new CausewayError('unavailable', 'Another invocation carries this bag');
    this.#allowed = to;
  }
}
