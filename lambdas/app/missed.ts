import type { Message, Millis, Notification } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { MessageId, NotificationId, RoomId, UserId } from '../domain/ids.ts';
import { timeOf } from '../domain/message-id.ts';
import type { Place } from '../domain/offset.ts';
import { offsetAt, placeOf } from '../domain/offset.ts';
import { MISSED, ROOM_LIST } from '../manifest/limits.ts';
import type { Since, SinceQuery } from '../ports/stores.ts';
import type { Deps } from './deps.ts';
import { mapBounded } from './map-bounded.ts';

export interface MissedInput {
  readonly userId: UserId;
  /** The caller has checked that the user may read them. */
  readonly roomIds: readonly RoomId[];
  readonly after: {
    readonly at: Millis;
    /** How much earlier than `at` something may have happened that was told after it. Found events may so be known already. */
    readonly slackMs: number;
    /** Nothing up to this offset, whatever the slack: where an earlier answer ended. */
    readonly beyond?: string;
  };
  /** Default: MISSED.events. */
  readonly limit?: number;
}

export interface MissedEvent {
  readonly at: Millis;
  /** Sorts as the events happened; see domain/offset.ts. */
  readonly offset: string;
  readonly event: StoredEvent;
}

/** What is stored and so can be told again. */
export type StoredEvent = Extract<
  DomainEvent,
  { kind: 'message.created' | 'message.read' | 'notification.created' }
>;

export interface Missed {
  /** Oldest first, each once. */
  readonly events: readonly MissedEvent[];
  /** False when there is more than `limit`, or than one read brings: the events are the oldest ones, without a gap. */
  readonly complete: boolean;
}

/**
 * What happened to a user and in rooms since an instant: messages, the receipts that stand (the newest of every reader and
 * room; the user's own too, which other devices moved), notifications. One round of calls, a few at a time; strong reads, so
 * that everything that was stored before the call is found.
 */
export async function missedBy(
  deps: Pick<Deps, 'messages' | 'rooms' | 'notifications'>,
  { userId, roomIds, after, limit = MISSED.events }: MissedInput,
): Promise<Missed> {
  const from = after.at - after.slackMs;
  const counts = (placed: MissedEvent) => toldUntil(placed) >= from && placed.offset > (after.beyond ?? '');
  const found = createGathering(limit, counts);
  const wanted = { from, limit, counts };
  const notifications: Source<Notification> = {
    since: (query) => deps.notifications.since(userId, query),
    eventOf: (notification) => ({ kind: 'notification.created', notification }),
  };
  const sources = [() => toldSince(notifications, wanted)];
  for (const roomId of new Set(roomIds)) {
    const messages: Source<Message> = {
      since: (query) => deps.messages.since(roomId, query),
      eventOf: (message) => ({ kind: 'message.created', message }),
    };
    sources.push(
      () => toldSince(messages, wanted),
      () => receipts(deps, roomId),
    );
  }
  await mapBounded(sources, ROOM_LIST.concurrency, async (read) => found.add(await read()));
  return found.result();
}

interface Read {
  readonly found: readonly MissedEvent[];
  readonly complete: boolean;
  /** Nothing before it was left out. */
  readonly readUntil: string;
}

interface Wanted {
  readonly from: Millis;
  readonly limit: number;
  readonly counts: (placed: MissedEvent) => boolean;
}

interface Source<T> {
  since(query: SinceQuery): Promise<Since<T>>;
  eventOf(item: T): StoredEvent;
}

/**
 * Ids tell when something was asked for, which may be well before anybody was told of it: so they are read from further back,
 * page by page, until there are enough that count.
 */
async function toldSince<T extends { readonly id: MessageId | NotificationId }>(
  source: Source<T>,
  { counts, from, limit }: Wanted,
): Promise<Read> {
  const found = new Map<string, MissedEvent>();
  let start = from - MISSED.lateMs;
  for (let reads = 1; ; reads++) {
    const page = await source.since({ from: start, limit });
    for (const item of page.found) {
      const placed = placing(source.eventOf(item));
      if (counts(placed)) found.set(item.id, placed);
    }
    const last = page.found.at(-1);
    const next = last === undefined ? start : timeOf(last.id);
    // What was not read has a later instant in its id, or the same, and was told no sooner.
    const readUntil = offsetAt(next);
    const settled = [...found.values()].filter(({ offset }) => offset < readUntil).length;
    const isEnough = settled >= limit || (settled > 0 && reads >= MISSED.reads);
    // Pages overlap in an instant; one that is full of it is where reading ends.
    if (page.complete || isEnough || next <= start)
      return { found: [...found.values()], complete: page.complete, readUntil };
    start = next;
  }
}

async function receipts({ rooms }: Pick<Deps, 'rooms'>, roomId: RoomId): Promise<Read> {
  const participants = await rooms.participants(roomId);
  const found = participants.flatMap(({ userId, lastReadMessageId: messageId, lastReadAt: readAt }) =>
    messageId === undefined || readAt === undefined
      ? []
      : [placing({ kind: 'message.read', roomId, userId, messageId, readAt })],
  );
  return { found, complete: true, readUntil: '' };
}

/** Keeps the oldest `limit` of all that is added, so that a long absence from many rooms does not fill the memory. */
function createGathering(limit: number, counts: (placed: MissedEvent) => boolean) {
  let events: readonly MissedEvent[] = [];
  /** From here on something may have been left out. */
  let horizon: string | undefined;
  const sooner = (offset: string) => (horizon === undefined || offset < horizon ? offset : horizon);
  return {
    add({ found, complete, readUntil }: Read): void {
      if (!complete) horizon = sooner(readUntil);
      const sorted = [...events, ...found.filter(counts)].toSorted((one, other) =>
        one.offset < other.offset ? -1 : 1,
      );
      events = sorted.slice(0, limit);
      const next = sorted[limit];
      if (next !== undefined) horizon = sooner(next.offset);
    },
    result(): Missed {
      if (horizon === undefined) return { events, complete: true };
      const end = horizon;
      return { events: events.filter(({ offset }) => offset < end), complete: false };
    },
  };
}

/** Each of the kinds has a place. */
function placing(event: StoredEvent): MissedEvent {
  return { ...(placeOf(event) as Place), event };
}

/** A large room takes its time, and what was not told at once is told later. */
function toldUntil({ at, event }: MissedEvent): Millis {
  if (event.kind === 'message.created') return event.message.toldUntil ?? at;
  return (event.kind === 'notification.created' ? event.notification.toldUntil : undefined) ?? at;
}
