/** Which events a client has not got, from the only thing it can say: the last one it got. Pure. See docs/decisions/0013. */
import type { Millis } from '../../lambdas/domain/entities.ts';
import { timeOfOffset } from '../../lambdas/domain/offset.ts';
import { wasBefore } from '../../lambdas/domain/turns.ts';
import { TELLING } from '../../lambdas/manifest/limits.ts';

/** An event, and between which instants clients were told. */
export interface Told {
  readonly offset: string;
  /** Absent: within TELLING.skewMs of the instant in its offset. */
  readonly until?: Millis;
  /** The turn in which it was told (lambdas/domain/turns.ts), which says nothing of what was told late. */
  readonly turn?: string;
  /** A chat message, or that somebody has read it and those before it. */
  readonly subject?: {
    readonly kind: 'message' | 'receipt';
    readonly roomId: string;
    readonly messageId: string;
  };
}

export interface Cut {
  /** The offset of the last event the client got. */
  readonly last: string;
  /** The client got everything that it was sent until then. 0: nobody knows. */
  readonly aliveAt: Millis;
  /** From then on it got nothing. */
  readonly goneAt: Millis;
  /** What a look before this one found that the client had got besides. */
  readonly seen?: readonly string[];
}

export interface Verdict<T> {
  /** In the order of their offsets; several may have one: what an event is called in several vocabularies. */
  readonly missed: readonly T[];
  /** Offsets after `last` that the client has got nevertheless. */
  readonly seen: readonly string[];
}

/**
 * Over one connection a client gets a beginning of what was posted to it. Two events that were told at the same time may have
 * been posted in either order, all others in that of their offsets. Of what was told at the same time as the last one the client
 * got either all (it was still there, so everything else came before) or none (it was gone already). Undefined: nobody can say.
 */
export function missedOf<T extends Told>(events: readonly T[], cut: Cut): Verdict<T> | undefined {
  const last = events.find(({ offset }) => offset === cut.last) ?? { offset: cut.last };
  const missed: T[] = [];
  const seen = new Set<string>();
  for (const event of events) {
    if (event.offset === cut.last) continue;
    const fate = cut.seen?.includes(event.offset) === true ? 'got' : fateOf(event, last, cut);
    if (fate === undefined) return undefined;
    if (fate === 'missed') missed.push(event);
    else if (event.offset > cut.last) seen.add(event.offset);
  }
  return { missed: missed.toSorted(byOffset), seen: [...seen] };
}

interface Span {
  readonly from: Millis;
  readonly until: Millis;
}

function spanOf({ offset, until }: Told): Span {
  const from = timeOfOffset(offset) ?? 0;
  return { from, until: Math.max(until ?? 0, from + TELLING.skewMs) };
}

type Fate = 'got' | 'missed';

function fateOf(event: Told, last: Told, cut: Cut): Fate | undefined {
  const [told, before] = [spanOf(event), spanOf(last)];
  if (told.until < before.from) return 'got';
  // Whoever looked for recipients a moment before it was gone may post a moment after.
  if (told.from > before.until || told.from > cut.goneAt + TELLING.skewMs) return 'missed';
  if (event.until === undefined && last.until === undefined) {
    if (wasBefore(event.turn, last.turn)) return 'got';
    if (wasBefore(last.turn, event.turn)) return 'missed';
  }
  return told.until <= cut.aliveAt ? 'got' : inDoubt(event, last);
}

/**
 * A receipt that comes twice says nothing new, so it goes by the order. And nobody reads what has not been told: whoever heard last
 * that a message was read has got it, unless the post of it took longer than the reader's way there and back. Of a message that was told
 * late it may have: one reader was told at once, and others when that one had read it.
 */
function inDoubt({ offset, subject, until }: Told, last: Told): Fate | undefined {
  if (subject?.kind === 'receipt') return offset > last.offset ? 'missed' : 'got';
  const read = last.subject?.kind === 'receipt' ? last.subject : undefined;
  const isRead = read !== undefined && read.roomId === subject?.roomId && subject.messageId <= read.messageId;
  return isRead && until === undefined && offset < last.offset ? 'got' : undefined;
}

function byOffset({ offset: one }: Told, { offset: other }: Told): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * As `missedOf`, of a client that got its last event before it came back the time before: all that it is sent when it comes
 * back is sent in the order of the offsets, so that there is no doubt.
 */
export function missedInOrder<T extends Told>(
  events: readonly T[],
  { last, seen = [] }: Pick<Cut, 'last' | 'seen'>,
): Verdict<T> {
  const missed = events.filter(({ offset }) => offset > last && !seen.includes(offset));
  return { missed: missed.toSorted(byOffset), seen };
}
