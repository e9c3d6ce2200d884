/** Promises somebody must wait for, without caring how they end: whoever adds one has dealt with its failure. */
export class Pending {
  private readonly open = new Set<Promise<unknown>>();

  add(promise: Promise<unknown>): void {
    const settled: Promise<unknown> = promise.then(noop, noop).then(() => this.open.delete(settled));
    this.open.add(settled);
  }

  get idle(): boolean {
    return this.open.size === 0;
  }

  get count(): number {
    return this.open.size;
  }

  /** Until nothing is open any more, including what is added meanwhile. */
  async settled(): Promise<void> {
    while (this.open.size > 0) await Promise.all(this.open);
  }
}

function noop(): void {}
