import { NativeClient, type Frame } from '../support/native-client.ts';
import { createRoom, register, type Person } from '../support/rest-client.ts';

export interface LoadPlan {
  readonly clients: number;
  readonly rooms: number;
  readonly messages: number;
  /** Messages a room's senders keep in flight together. */
  readonly window: number;
  /** Waited for before the clients leave, so that what comes twice and late is still seen. Default: nothing. */
  readonly settled?: () => Promise<void>;
}

export interface LoadResult {
  readonly deliveries: number;
  readonly expectedDeliveries: number;
  readonly duplicates: number;
  readonly missing: number;
  readonly errors: readonly Frame[];
  readonly seconds: number;
  /** Milliseconds from sending to receiving, sorted. */
  readonly latencies: readonly number[];
}

interface Member {
  readonly client: NativeClient;
  readonly seen: Map<string, number>;
}

/**
 * `clients` people in `rooms` equal rooms send `messages` messages; counts what each of them saw. A member sees each
 * message once: others as a pushed event, the sender as the reply.
 */
export async function runLoad(urls: { origin: string; native: string }, plan: LoadPlan): Promise<LoadResult> {
  const people = await registerAll(urls.origin, plan.clients);
  const size = plan.clients / plan.rooms;
  const rooms = await Promise.all(
    Array.from({ length: plan.rooms }, async (_, room) => {
      const members = people.slice(room * size, (room + 1) * size);
      return { roomId: await createRoom(urls.origin, members[0]!, members.slice(1)), members };
    }),
  );
  const tally = new Tally(plan.messages * size);
  const joined = await Promise.all(rooms.map((room) => joinAll(urls.native, room, tally)));
  const started = performance.now();
  await Promise.all(joined.map((room) => talk(room, plan, tally)));
  await tally.complete;
  const seconds = (performance.now() - started) / 1000;
  await plan.settled?.();
  const members = joined.flatMap((room) => room.members);
  await Promise.all(members.map((member) => member.client.close()));
  return tally.result(members, { seconds, perMember: plan.messages / plan.rooms });
}

/** Counts deliveries as they come and knows when all expected ones are in. */
class Tally {
  readonly sentAt = new Map<string, number>();
  readonly latencies: number[] = [];
  readonly errors: Frame[] = [];
  readonly complete: Promise<void>;
  readonly #expected: number;
  #first = 0;
  #done!: () => void;

  constructor(expected: number) {
    this.#expected = expected;
    this.complete = new Promise((resolve) => {
      this.#done = resolve;
    });
    // A lost message must end the run as a finding, not as a hang: settle when nothing new came for 20 s.
    let last = -1;
    const watch = setInterval(() => {
      if (last === this.#first && this.sentAt.size > 0) this.#done();
      last = this.#first;
    }, 20_000);
    void this.complete.then(() => clearInterval(watch));
  }

  receive(frame: Frame, seen: Map<string, number>): void {
    if (frame.event === 'error') this.errors.push(frame);
    const message = frame['message'] as { content?: string } | undefined;
    if (frame.event !== 'message.created' || message?.content === undefined) return;
    const times = (seen.get(message.content) ?? 0) + 1;
    seen.set(message.content, times);
    if (times > 1) return;
    this.latencies.push(performance.now() - (this.sentAt.get(message.content) ?? performance.now()));
    if (++this.#first === this.#expected) this.#done();
  }

  result(members: readonly Member[], run: { seconds: number; perMember: number }): LoadResult {
    const totals = members.map((member) => [...member.seen.values()].reduce((sum, times) => sum + times, 0));
    const deliveries = totals.reduce((sum, total) => sum + total, 0);
    return {
      deliveries,
      expectedDeliveries: this.#expected,
      duplicates: deliveries - this.#first,
      missing: members.reduce((sum, member) => sum + Math.max(0, run.perMember - member.seen.size), 0),
      errors: this.errors,
      seconds: run.seconds,
      latencies: this.latencies.toSorted((a, b) => a - b),
    };
  }
}

async function registerAll(origin: string, count: number): Promise<Person[]> {
  const people: Person[] = [];
  for (let from = 0; from < count; from += 20) {
    const batch = Array.from({ length: Math.min(20, count - from) }, (_, n) =>
      register(origin, `load${from + n}`),
    );
    people.push(...(await Promise.all(batch)));
  }
  return people;
}

async function joinAll(native: string, room: { roomId: string; members: readonly Person[] }, tally: Tally) {
  const members = await Promise.all(
    room.members.map(async (person) => {
      const client = await NativeClient.connect(`${native}?token=${person.token}`);
      await client.request({ action: 'join', roomId: room.roomId });
      const seen = new Map<string, number>();
      client.socket.on('message', (data: Buffer) =>
        tally.receive(JSON.parse(data.toString()) as Frame, seen),
      );
      return { client, seen };
    }),
  );
  return { roomId: room.roomId, members };
}

/** The members of a room take turns; `window` messages of the room are in flight at once. */
async function talk(
  room: { roomId: string; members: readonly Member[] },
  plan: LoadPlan,
  tally: Tally,
): Promise<void> {
  const total = plan.messages / plan.rooms;
  let next = 0;
  const turn = async (): Promise<void> => {
    while (next < total) {
      const n = next++;
      const content = `${room.roomId}:${n}`;
      tally.sentAt.set(content, performance.now());
      await room.members[n % room.members.length]!.client.request({
        action: 'send',
        roomId: room.roomId,
        content,
      });
    }
  };
  await Promise.all(Array.from({ length: plan.window }, turn));
}
