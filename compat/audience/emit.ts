import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import { aliasedUser } from '../../lambdas/domain/aliased-user.ts';
import { hash53 } from '../../lambdas/domain/hash.ts';
import { socketRoomOf } from '../../lambdas/manifest/dialects.ts';
import { FAN_OUT, TELLING } from '../../lambdas/manifest/limits.ts';
import type { Clock, Log } from '../../lambdas/ports/runtime.ts';
import type {
  LoggedPacket,
  Namespace,
  PacketLog,
  Place,
  SocketEntry,
  SocketIndex,
} from '../../lambdas/ports/socketio.ts';
import type { Deliver } from './delivery.ts';
import { encodeEvents } from './packets.ts';
import { tell, type Listener } from './tell.ts';

/** An event of the team's own, as `io.of(namespace).to(rooms).emit(event, ...args)`. */
export interface Emission {
  readonly namespace: Namespace;
  /** Socket.IO rooms; empty: everybody in the namespace. The name of a chat room means that room, `user_<id>` that user. */
  readonly rooms: readonly string[];
  readonly event: string;
  readonly args: readonly unknown[];
  /** Tells it from every other emission. */
  readonly id: string;
}

/** Sockets by what became of the event. */
export interface EmitSummary {
  readonly sent: number;
  readonly gone: number;
  readonly failed: number;
}

export interface EmitDeps {
  readonly sockets: Pick<SocketIndex, 'list' | 'remove'>;
  readonly packets: Pick<PacketLog, 'append'>;
  readonly deliver: Deliver;
  /** Absent: connection state recovery is off. `keepMs`: the window, and how late a lost peer may be noticed. */
  readonly recovery?: { readonly keepMs: number };
  readonly clock: Clock;
  readonly log: Log;
}

export type Emit = (emission: Emission) => Promise<EmitSummary>;

/**
 * Emits without the Server: each socket is told once. Where recovery is on, the event is kept for those who come back, as
 * the Server's own events are. Rejects with `unavailable` while nobody was told.
 */
export function createEmit(deps: EmitDeps): Emit {
  return async (emission) => {
    const places = placesOf(emission);
    const now = deps.clock.now();
    const offset = deps.recovery === undefined ? undefined : offsetOf(emission, now);
    const [found] = await Promise.all([
      Promise.all(places.map(async (place) => listed(place, await deps.sockets.list(place, now)))),
      offset === undefined ? undefined : keep(deps, emission, { offset }),
    ]);
    const { namespace, event, args } = emission;
    const packets = encodeEvents(namespace, [[event, ...args]], offset);
    const listeners = new Map(found.flat().map((listener) => [listener.entry.socketId, listener]));
    const outcomes = await mapBounded([...listeners.values()], FAN_OUT.concurrency, (listener) =>
      tell(deps, listener, packets),
    );
    const until = deps.clock.now();
    if (offset !== undefined && until - now > TELLING.skewMs) await keep(deps, emission, { offset, until });
    const count = (wanted: keyof EmitSummary) => outcomes.filter((outcome) => outcome === wanted).length;
    return { sent: count('sent'), gone: count('gone'), failed: count('failed') };
  };
}

/** In the layout of lambdas/domain/offset.ts: sorts by time, unique. Of now: what was told before must not sort behind it. */
function offsetOf({ id }: Emission, now: Millis): string {
  const { high21, low32 } = hash53(id);
  const unique = low32.toString(36).padStart(7, '0') + (high21 % 36 ** 3).toString(36).padStart(3, '0');
  return `${now.toString(36).padStart(9, '0')}-${unique}`;
}

function listed(place: Place, entries: readonly SocketEntry[]): readonly Listener[] {
  return entries.map((entry) => ({ place, entry }));
}

function placesOf({ namespace: nsp, rooms }: Emission): readonly Place[] {
  if (rooms.length === 0) return [{ nsp }];
  const names = rooms.flatMap((room) => [room, socketRoomOf(room), aliasedUser(room) ?? room]);
  return [...new Set(names)].map((room) => ({ nsp, room }));
}

async function keep(
  { packets, recovery, clock }: EmitDeps,
  emission: Emission,
  span: Pick<LoggedPacket, 'offset' | 'until'>,
): Promise<void> {
  const { event, args } = emission;
  const { offset } = span;
  const logged = { ...span, data: JSON.stringify([event, ...args, offset]), except: [] };
  const expiresAt = clock.now() + (recovery?.keepMs ?? 0);
  await Promise.all(placesOf(emission).map((place) => packets.append(place, logged, expiresAt)));
}
