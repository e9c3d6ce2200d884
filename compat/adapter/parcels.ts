import { randomUUID } from 'node:crypto';

import { handOver } from '../../lambdas/app/hand-over.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import type { Mailing, Postman, SocketAddress } from '../../lambdas/ports/mail.ts';
import type { Log } from '../../lambdas/ports/runtime.ts';
import type { EngineId, EnginePacket, SocketEntry } from '../../lambdas/ports/socketio.ts';
import { placesOf, type Selection } from './targets.ts';

interface Broadcast {
  readonly selection: Selection;
  readonly packets: readonly EnginePacket[];
  readonly fleeting: boolean;
  readonly at: Millis;
}

/** A socket of the crowd, and which broadcasts it is to get, in their order. */
interface Heap {
  readonly address: SocketAddress;
  readonly numbers: number[];
}

/** Somebody who has to be told here, after all. */
interface Told {
  readonly entry: SocketEntry;
  readonly packets: readonly EnginePacket[];
}

/**
 * What goes to the function `fan-out`: broadcasts to more sockets than one invocation tells, and those whom it could not tell.
 * A socket that gets one broadcast of a crowd gets what follows the same way, as long as nothing has left.
 */
export class Parcels {
  private readonly postman: Postman | undefined;
  private readonly log: Log;
  private readonly broadcasts: Broadcast[] = [];
  private readonly left = new Map<number, { untold: SocketAddress[]; doubtful: SocketAddress[] }>();
  private heaps = new Map<EngineId, Heap>();

  constructor(postman: Postman | undefined, log: Log) {
    this.postman = postman;
    this.log = log;
  }

  add(broadcast: Broadcast): number {
    return this.broadcasts.push(broadcast) - 1;
  }

  /** Whether this socket will be told by others. `size`: how many are to be told. */
  take(number: number, entry: SocketEntry, size: number): boolean {
    const heap = this.heaps.get(entry.sid);
    if (heap === undefined && size <= (this.postman?.direct ?? Infinity)) return false;
    const numbers = [...(heap?.numbers ?? []), number];
    this.heaps.set(entry.sid, { address: this.addressOf(number, entry), numbers });
    return true;
  }

  leave(number: number, entry: SocketEntry, outcome: 'failed' | 'unknown'): void {
    const left = this.left.get(number) ?? { untold: [], doubtful: [] };
    left[outcome === 'failed' ? 'untold' : 'doubtful'].push(this.addressOf(number, entry));
    this.left.set(number, left);
  }

  /** Hands the crowd over: those who get the same together. What nobody took over has to be told here. */
  async send(): Promise<readonly Told[]> {
    const groups = new Map<string, Heap[]>();
    for (const heap of this.heaps.values()) {
      const key = heap.numbers.join();
      groups.set(key, [...(groups.get(key) ?? []), heap]);
    }
    this.heaps = new Map();
    const refused = await Promise.all([...groups.values()].map((heaps) => this.sendGroup(heaps)));
    return refused.flat();
  }

  private async sendGroup(heaps: readonly Heap[]): Promise<readonly Told[]> {
    const sockets = heaps.map(({ address }) => address);
    const mailing = this.mailing(heaps[0]?.numbers ?? [], { sockets, doubtful: [] });
    if ((await this.handOver(mailing)) !== 'refused') return [];
    return sockets.map(({ entry }) => ({ entry, packets: packetsOf(mailing) }));
  }

  /** Hands over those whom it was not possible to tell here; who remain when nobody surely takes them over. */
  async sendLate(number: number): Promise<readonly SocketAddress[]> {
    const left = this.left.get(number);
    this.left.delete(number);
    if (left === undefined || this.broadcasts[number]?.fleeting === true) return [];
    const to = { sockets: left.untold, doubtful: left.doubtful };
    const outcome = await this.handOver({ ...this.mailing([number], to), late: true });
    return outcome === 'sent' || this.postman === undefined ? [] : [...left.untold, ...left.doubtful];
  }

  private async handOver(mailing: Mailing): ReturnType<typeof handOver> {
    const { postman, log } = this;
    return postman === undefined ? 'refused' : handOver({ postman, log }, mailing);
  }

  private addressOf(number: number, entry: SocketEntry): SocketAddress {
    const { selection } = this.broadcasts[number] as Broadcast;
    const [place = { nsp: selection.nsp }] = placesOf(selection, entry);
    return { place, entry };
  }

  private mailing(numbers: readonly number[], to: Pick<Mailing, 'sockets' | 'doubtful'>): Mailing {
    const broadcasts = numbers.flatMap((number) => this.broadcasts[number] ?? []);
    return {
      id: randomUUID(),
      at: Math.min(...broadcasts.map(({ at }) => at)),
      content: { packets: broadcasts.flatMap(({ packets }) => packets) },
      natives: [],
      ...to,
      late: false,
      fleeting: broadcasts.every(({ fleeting }) => fleeting),
    };
  }
}

function packetsOf({ content }: Mailing): readonly EnginePacket[] {
  return 'packets' in content ? content.packets : [];
}
