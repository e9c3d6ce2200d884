import { quantile } from './suite.ts';

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

export interface RoomLoad {
  /** Sent one at a time, each after the last was delivered to everyone: latency. */
  readonly paced: number;
  /** Sent with `window` unacknowledged at once: throughput. */
  readonly messages: number;
  readonly window: number;
}

/** Far more than any round takes, even on a busy machine. */
const PATIENCE_MS = 120_000;

/** Measures one room, any number of times. */
export class RoomMeter {
  readonly #talkers: readonly Talker[];
  #received: (content: string) => void = () => {};

  constructor(talkers: readonly Talker[]) {
    this.#talkers = talkers;
    for (const talker of talkers) talker.onMessage((content) => this.#received(content));
  }

  async round(load: RoomLoad): Promise<RoomFigures> {
    const acks: number[] = [];
    const deliveries: number[] = [];
    for (let n = 0; n < load.paced; n += 1) {
      const started = performance.now();
      const delivered = this.#expect(1, () => deliveries.push(performance.now() - started));
      await this.#talker(n).send('paced');
      acks.push(performance.now() - started);
      await delivered;
    }
    return {
      ackP50: quantile(acks, 0.5),
      deliveryP50: quantile(deliveries, 0.5),
      deliveryP99: quantile(deliveries, 0.99),
      deliveriesPerSecond: await this.#throughput(load),
    };
  }

  async #throughput({ messages, window }: RoomLoad): Promise<number> {
    const delivered = this.#expect(messages);
    const started = performance.now();
    let next = 0;
    const lane = async () => {
      while (next < messages) await this.#talker(next++).send('burst');
    };
    await Promise.all(Array.from({ length: window }, lane));
    await delivered;
    return (messages * (this.#talkers.length - 1)) / ((performance.now() - started) / 1000);
  }

  /** Resolves when everyone but the senders has received this many messages; a lost one ends the run. */
  #expect(messages: number, each: () => void = () => {}): Promise<void> {
    let missing = messages * (this.#talkers.length - 1);
    return new Promise((resolve, reject) => {
      const patience = setTimeout(
        () => reject(new Error(`${missing} deliveries are missing after ${PATIENCE_MS / 1000} s`)),
        PATIENCE_MS,
      );
      this.#received = () => {
        each();
        missing -= 1;
        if (missing > 0) return;
        clearTimeout(patience);
        resolve();
      };
    });
  }

  /** The members take turns. */
  #talker(n: number): Talker {
    return this.#talkers[n % this.#talkers.length] as Talker;
  }
}

/** Every figure's median over the rounds. */
export function median(rounds: readonly RoomFigures[]): RoomFigures {
  const of = (key: keyof RoomFigures) =>
    quantile(
      rounds.map((round) => round[key]),
      0.5,
    );
  return {
    ackP50: of('ackP50'),
    deliveryP50: of('deliveryP50'),
    deliveryP99: of('deliveryP99'),
    deliveriesPerSecond: of('deliveriesPerSecond'),
  };
}
