import type { Millis } from '../../lambdas/domain/entities.ts';
import { offsetAt, timeOfOffset } from '../../lambdas/domain/offset.ts';
import { eventName } from '../../lambdas/domain/told-event.ts';
import { HOLD, RECALL, TELLING } from '../../lambdas/manifest/limits.ts';
import type { EngineSession, Namespace, Place, StoredSocket } from '../../lambdas/ports/socketio.ts';
import { fromText } from './binary-json.ts';
import type { Invocation } from './invocation.ts';
import { missedInOrder, missedOf, type Verdict } from './missed-of.ts';
import { sessionOf } from './recovery-id.ts';
import type { MissedEvent } from './world.ts';

export interface Lost {
  readonly nsp: Namespace;
  /** What the client says: the recovery id of its socket, and the last offset it got. */
  readonly pid: string;
  readonly offset: string;
}

/** A socket taken out of the session it was in, which is given as it was. */
export interface Claimed {
  readonly socket: StoredSocket;
  readonly session: EngineSession;
}

/** What a client missed, from the packet log and from what chat keeps; or why it can't be brought after. */
export async function lookUpMissed(
  invocation: Invocation,
  lost: Lost,
  { socket, session: before }: Claimed,
): Promise<Verdict<MissedEvent> | string> {
  const { world } = invocation;
  const from = (timeOfOffset(lost.offset) ?? 0) - RECALL.lateMs;
  const lostAt = before.closed?.at;
  const [logged, recalled] = await Promise.all([
    loggedSince(invocation, { nsp: lost.nsp, socket, from }),
    world.chat?.recall(lost.nsp)?.missed({ socket, from, ...(lostAt === undefined ? {} : { lostAt }) }) ?? [],
  ]);
  if (recalled === undefined) return 'it missed too much, or its token has run out';
  const events = eachOnce([...logged, ...recalled]);
  for (const { offset } of events) invocation.known.add(eventName(lost.nsp, offset));
  const verdict = judge(events, lost, { socket, session: before, now: world.clock.now() });
  if (verdict === undefined)
    return 'nobody can say what it has got: it was lost while several events were told';
  return isBearable(verdict.missed) ? verdict : 'it missed too much';
}

function judge(
  events: readonly MissedEvent[],
  { pid, offset: last }: Lost,
  { socket, session, now }: Claimed & { readonly now: Millis },
): Verdict<MissedEvent> | undefined {
  const { sid, openedAt, closed } = session;
  // Of what a look before this one found the client to have got besides; it got nothing since, if it names the same offset.
  const seen = socket.seen?.[0] === last ? socket.seen : [];
  const isRecovered = sessionOf(pid) !== sid;
  const lastAt = timeOfOffset(last) ?? 0;
  if (isRecovered && lastAt < openedAt - TELLING.skewMs) return missedInOrder(events, { last, seen });
  // It has heard nothing since its socket began, and names what it got in a session before: as if it named nothing.
  if (!isRecovered && lastAt < openedAt) return undefined;
  return missedOf(events, { last, aliveAt: heardAt(session, isRecovered), goneAt: closed?.at ?? now, seen });
}

/** A pong shows that its client was there, and had got what was posted before. While it comes back its session counts as seen without one. */
function heardAt({ openedAt, seenAt, transport }: EngineSession, isRecovered: boolean): Millis {
  // Of a client that polls a POST counts, too, while the poll that took its packets may have been lost.
  if (transport === 'polling') return 0;
  return seenAt > openedAt + (isRecovered ? HOLD.ms : 0) ? seenAt - TELLING.pongMs : 0;
}

function isBearable(events: readonly MissedEvent[]): boolean {
  let bytes = 0;
  for (const { data } of events) bytes += Buffer.byteLength(JSON.stringify(data));
  return events.length <= RECALL.events && bytes <= RECALL.bytes;
}

/** As socket.io's own adapter picks them (`shouldIncludePacket`): sent to one of the rooms, excluded by none. */
async function loggedSince(
  { world }: Invocation,
  { nsp, socket, from }: { readonly nsp: Namespace; readonly socket: StoredSocket; readonly from: Millis },
): Promise<readonly MissedEvent[]> {
  const names = [socket.id, ...socket.rooms];
  const places: Place[] = [{ nsp }, ...names.map((room) => ({ nsp, room }))];
  const logs = await Promise.all(
    places.map((place) => world.stores.packets.since(place, offsetAt(from), world.clock.now())),
  );
  const packets = logs.flat().filter(({ except }) => !except.some((name) => names.includes(name)));
  return packets.map((packet) => ({ ...packet, data: fromText(packet.data) as unknown[] }));
}

/** What was sent to several of its rooms; several events may have one offset: what a message is called in several vocabularies. */
function eachOnce(events: readonly MissedEvent[]): readonly MissedEvent[] {
  return [...new Map(events.map((event) => [JSON.stringify([event.offset, event.data[0]]), event])).values()];
}
