import type { Actor, JoinedRoom, Millis } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { RoomId } from '../domain/ids.ts';
import { shardOf } from '../domain/shard.ts';
import { EXPIRY } from '../manifest/limits.ts';
import type { Deps } from './deps.ts';
import { requireParticipant } from './participation.ts';

type JoinDeps = Pick<Deps, 'rooms' | 'members' | 'sessions'>;
interface JoinInput {
  readonly actor: Actor;
  readonly roomId: RoomId;
  readonly at: Millis;
}

/**
 * Lets a connection receive a room's events from now on. Idempotent. Two rounds of calls:
 * (participant ∥ shards) → (live row ∥ note in the session). The live row is started first: a disconnect that
 * comes in between finds the note and removes the row. A join that is refused is undone. One that failed is not: the frame
 * may have come twice, and then what the other delivery did would go. It may be repeated.
 * Rejects with `not_participant`, with `forbidden` when it is in as many rooms as it may be, with `unavailable` when the connection is closing.
 */
export async function joinRoom(
  deps: JoinDeps,
  input: JoinInput,
): Promise<Extract<DomainEvent, { kind: 'room.joined' }>> {
  const { actor, roomId } = input;
  // Strongly: from now on the live row is the proof.
  const [, shards] = await Promise.all([
    requireParticipant(deps, roomId, actor.id),
    deps.members.shards(roomId),
  ]);
  await enter(deps, input, { roomId, shard: shardOf(actor.connectionId, shards) });
  return { kind: 'room.joined', roomId, userId: actor.id };
}

async function enter(deps: JoinDeps, { actor, at }: JoinInput, room: JoinedRoom): Promise<void> {
  const { id: userId, connectionId, dialect } = actor;
  const [added, noted] = await Promise.allSettled([
    deps.members.add({ ...room, userId, connectionId, dialect }, at + EXPIRY.sessionSeconds * 1000),
    deps.sessions.addRoom({ userId, connectionId }, room),
  ]);
  if (noted.status === 'rejected') throw noted.reason;
  if (noted.value !== 'added') {
    await undo(deps, actor, room);
    throw REFUSED[noted.value]();
  }
  if (added.status === 'rejected') throw added.reason;
}

/** Both halves: neither was there before, or it would not have been refused. */
async function undo(deps: JoinDeps, { id: userId, connectionId }: Actor, room: JoinedRoom): Promise<void> {
  await Promise.all([
    deps.members.remove(connectionId, room),
    deps.sessions.removeRoom({ userId, connectionId }, room),
  ]);
}

const REFUSED = {
  closed: () => new CausewayError('unavailable', 'This connection is closing; connect again.'),
  full: () => new CausewayError('forbidden', 'This connection is in as many rooms as it may be.'),
} as const;
