/**
 * What every client must have seen, judged from what was stored, acknowledged and heard. Pure: it knows nothing of how any of it
 * was done.
 */
import type { Chatter, Heard, Lineage } from './clients/app.ts';

/** What the tables hold in the end. */
export interface Truth {
  readonly messages: readonly {
    readonly id: string;
    readonly roomId: string;
    readonly content: string;
    readonly createdAt: number;
  }[];
  readonly notifications: readonly {
    readonly id: string;
    readonly userId: string;
    readonly createdAt: number;
  }[];
  /** `client message` of posts that did not get through at once: they come later. */
  readonly refused?: ReadonlySet<string>;
  /** Newest receipts by `room user`. */
  readonly receipts: ReadonlyMap<string, string>;
  /** Users that the tables call online, or that have sessions there. */
  readonly online: ReadonlySet<string>;
}

export type Witness = Pick<Chatter, 'name' | 'speaks' | 'lineages' | 'sent' | 'isReady' | 'isConnected'> & {
  readonly userId: string;
};

export interface Violation {
  readonly kind: 'lost' | 'doubled' | 'disordered' | 'stale' | 'absent' | 'vanished';
  readonly client: string;
  readonly what: string;
}

export interface Verdict {
  readonly violations: readonly Violation[];
  /** Messages and notifications that were heard. */
  readonly deliveries: number;
  readonly acknowledged: number;
  /** Stored, and never acknowledged: the function died, or the answer was lost. */
  readonly unacknowledged: number;
  /** Of those, not heard by somebody who was there; the history has them. */
  readonly unheard: number;
  /** Messages that came after the sender's next one, since the gateway refused the first post, or a function died before it. */
  readonly late: number;
}

const TALKS: ReadonlySet<string> = new Set(['messenger', 'rooms', 'chats', 'native']);

export function judge(witnesses: readonly Witness[], truth: Truth): Verdict {
  const acked = new Set(
    witnesses.flatMap(({ sent }) => sent.flatMap(({ id }) => (id === undefined ? [] : [id]))),
  );
  // A function that died between storing and telling: whoever gets the repeat has everybody told a minute later (decision 0015).
  const repeated = new Set(
    witnesses.flatMap(({ sent }) =>
      sent.flatMap(({ id, attempts = 1 }) => (id !== undefined && attempts > 1 ? [id] : [])),
    ),
  );
  const isDue = (id: string) => !stored.has(id) || acked.has(id);
  const isLate = ({ id, client }: { readonly id: string; readonly client: string }) =>
    repeated.has(id) || truth.refused?.has(`${client} ${id}`) === true;
  const stored = new Map(truth.messages.map((message) => [message.id, message]));
  const missing = witnesses.flatMap((witness) => missedBy(witness, truth));
  const due = new Map([...stored].filter(([id]) => isDue(id)));
  const disordered = witnesses.flatMap((witness) =>
    witness.lineages.flatMap((lineage) => disorderedIn(witness, lineage, due)),
  );
  const violations: Violation[] = [
    ...[...acked]
      .filter((id) => !stored.has(id))
      .map((id) => ({ kind: 'vanished' as const, client: '', what: id })),
    ...missing
      .filter(({ id }) => isDue(id))
      .map(({ client, what }) => ({ kind: 'lost' as const, client, what })),
    ...witnesses.flatMap((witness) =>
      witness.lineages.flatMap((lineage) => doubledIn(witness, lineage, stored)),
    ),
    ...disordered.filter((one) => !isLate(one)),
    ...presence(witnesses, truth),
  ];
  return {
    violations,
    deliveries: witnesses.reduce(
      (sum, { lineages }) => sum + lineages.reduce((all, { heard }) => all + heard.filter(isKept).length, 0),
      0,
    ),
    acknowledged: acked.size,
    unacknowledged: stored.size - acked.size,
    late: disordered.filter(isLate).length,
    unheard: missing.filter(({ id }) => !isDue(id)).length,
  };
}

function isKept({ kind }: Heard): boolean {
  return kind === 'message' || kind === 'notification';
}

interface Missing {
  readonly client: string;
  readonly id: string;
  readonly what: string;
}

/**
 * Somebody who is there in the end has, since the history was loaded, heard everything. What was on its way while it was being
 * loaded may be in neither: docs/data-model.md, "What eventual consistency can cost".
 */
function missedBy(witness: Witness, truth: Truth): readonly Missing[] {
  const lineage = witness.lineages.at(-1);
  if (lineage === undefined || !witness.isReady) return [];
  const heard = new Set(lineage.heard.flatMap((event) => (isKept(event) && 'id' in event ? [event.id] : [])));
  const client = witness.name;
  const messages = TALKS.has(witness.speaks)
    ? truth.messages.filter(({ id, roomId, createdAt }) => {
        const room = lineage.rooms.get(roomId);
        return room !== undefined && createdAt > room.loadedAt && !room.known.has(id) && !heard.has(id);
      })
    : [];
  const { notes } = lineage;
  const notifications =
    notes === undefined
      ? []
      : truth.notifications.filter(
          ({ id, userId, createdAt }) =>
            userId === witness.userId && createdAt > notes.loadedAt && !notes.known.has(id) && !heard.has(id),
        );
  return [
    ...messages.map(({ id, roomId, content }) => ({ client, id, what: `${roomId} ${content} ${id}` })),
    ...notifications.map(({ id }) => ({ client, id, what: `notification ${id}` })),
  ];
}

function doubledIn(
  { name, speaks }: Witness,
  { heard, rooms, notes, startedAt }: Lineage,
  stored: ReadonlyMap<string, Truth['messages'][number]>,
): readonly Violation[] {
  if (!TALKS.has(speaks) && notes === undefined) return [];
  const seen = new Set<string>();
  return heard.flatMap((event) => {
    if (event.kind !== 'message' && event.kind !== 'notification') return [];
    const isAgain = seen.has(event.id);
    seen.add(event.id);
    // What happened while the session was being opened and the history loaded may be in both: an application shows it once.
    const createdAt = event.kind === 'message' ? stored.get(event.id)?.createdAt : undefined;
    const isOld =
      event.kind === 'message' &&
      [...rooms.values()].some(
        ({ known, loadedAt }) =>
          known.has(event.id) && event.at > loadedAt + GRACE_MS && (createdAt ?? 0) < startedAt - OPENING_MS,
      );
    return isAgain || isOld
      ? [
          {
            kind: 'doubled' as const,
            client: name,
            what: `${event.kind} ${event.id}${isOld ? ' of the history' : ''}`,
          },
        ]
      : [];
  });
}

/** How long a client takes from opening its session to being in its rooms. */
const OPENING_MS = 2_000;
/** How much later than the history something may come that was on its way to a slow consumer. */
const GRACE_MS = 60_000;

/** Each sender waited for the ack of one message before the next, so everybody hears them in that order. */
function disorderedIn(
  { name, speaks }: Witness,
  { heard, rooms }: Lineage,
  due: ReadonlyMap<string, Truth['messages'][number]>,
): readonly (Violation & { readonly id: string })[] {
  if (!TALKS.has(speaks)) return [];
  const last = new Map<string, number>();
  return heard.flatMap((event) => {
    const message = event.kind === 'message' ? due.get(event.id) : undefined;
    const [sender, number] = message?.content.split(' ') ?? [];
    if (message === undefined || sender === undefined) return [];
    // What was under way while the history was loaded may come after it, out of its turn.
    const room = rooms.get(message.roomId);
    if (room === undefined || room.known.has(message.id) || message.createdAt <= room.loadedAt) return [];
    const key = `${message.roomId} ${sender}`;
    const before = last.get(key) ?? -1;
    last.set(key, Math.max(before, Number(number)));
    return Number(number) < before
      ? [
          {
            id: message.id,
            kind: 'disordered' as const,
            client: name,
            what: `${message.content} after ${before}`,
          },
        ]
      : [];
  });
}

function presence(witnesses: readonly Witness[], { online }: Truth): readonly Violation[] {
  const here = new Set(witnesses.filter(({ isConnected }) => isConnected).map(({ userId }) => userId));
  return [
    ...[...online]
      .filter((userId) => !here.has(userId))
      .map((userId) => ({ kind: 'stale' as const, client: '', what: userId })),
    ...[...here]
      .filter((userId) => !online.has(userId))
      .map((userId) => ({ kind: 'absent' as const, client: '', what: userId })),
  ];
}
