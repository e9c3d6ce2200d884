/** One member of a room under measurement, whatever system carries it. */
export interface Talker {
  /** Resolves when the send was acknowledged. */
  send(content: string): Promise<void>;
  /** Calls back with the content of every message somebody else sent. */
  onMessage(receive: (content: string) => void): void;
  close(): Promise<void> | void;
}

export interface RoomFigures {
  readonly ackP50: number;
  readonly deliveryP50: number;
  readonly deliveryP99: number;
  readonly deliveriesPerSecond: number;
}

/** Sends `paced` messages one at a time (latency), then `messages` with `window` in flight (throughput). */
export async function measureRoom(
  talkers: readonly Talker[],
  load: { paced: number; messages: number; window: number },
): Promise<RoomFigures> {
  const latencies: number[] = [];
  const acks: number[] = [];
  let sentAt = 0;
  let received = 0;
  let expected = Number.POSITIVE_INFINITY;
  let reached: () => void = () => {};
  for (const talker of talkers) {
    talker.onMessage((content) => {
      if (content === 'paced') latencies.push(performance.now() - sentAt);
      if (++received === expected) reached();
    });
  }
  const others = talkers.length - 1;
  for (let n = 0; n < load.paced; n++) {
    const all = new Promise<void>((resolve) => {
      reached = resolve;
    });
    [received, expected, sentAt] = [0, others, performance.now()];
    await talkers[n % talkers.length]!.send('paced');
    acks.push(performance.now() - sentAt);
    await all;
  }
  const deliveriesPerSecond = await throughput();
  return {
    ackP50: quantile(acks, 0.5),
    deliveryP50: quantile(latencies, 0.5),
    deliveryP99: quantile(latencies, 0.99),
    deliveriesPerSecond,
  };

  async function throughput(): Promise<number> {
    const all = new Promise<void>((resolve) => {
      reached = resolve;
    });
    [received, expected] = [0, others * load.messages];
    let next = 0;
    const started = performance.now();
    const lane = async () => {
      while (next < load.messages) await talkers[next++ % talkers.length]!.send('burst');
    };
    await Promise.all(Array.from({ length: load.window }, lane));
    await all;
    return expected / ((performance.now() - started) / 1000);
  }
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
