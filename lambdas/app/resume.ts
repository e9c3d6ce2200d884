import type { ResumeCommand } from '../domain/commands.ts';
import type { Actor, Millis } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { Reply, ResumedRoom } from '../domain/events.ts';
import type { RoomId } from '../domain/ids.ts';
import { offsetAt } from '../domain/offset.ts';
import type { ResumePoint } from '../domain/resume-point.ts';
import { RESUME, ROOM_LIST } from '../manifest/limits.ts';
import type { Deps } from './deps.ts';
import { joinRoom } from './join-room.ts';
import { mapBounded } from './map-bounded.ts';
import type { MissedInput } from './missed.ts';
import { missedBy } from './missed.ts';
import { requireParticipant } from './participation.ts';

export type Resumed = Extract<Reply, { kind: 'resumed' }>;

/** Waits; absent where nothing else happens meanwhile. */
export type Pause = (milliseconds: number) => Promise<void>;

type ResumeDeps = Pick<Deps, 'rooms' | 'messages' | 'notifications' | 'members' | 'sessions'> & {
  readonly pause?: Pause;
};
interface ResumeInput {
  readonly actor: Actor;
  readonly command: ResumeCommand;
  readonly at: Millis;
}

/**
 * Joins rooms and tells what the client missed of them, and of its notifications. Nothing about a connection outlives it, so
 * everything is looked up: what happened a little before the point the client names comes again, and is dropped there.
 *
 * Three rounds: (participant ∥ shards) → (live row ∥ note in the session) → everything missed. Joined first, so that
 * what is stored during the look is pushed. A sender that listed the room just before the row and stores just after the look
 * is why the look waits a moment, and why clients look again, once: whoever takes longer than a moment comes out of order,
 * but comes. That, and further pages, is two rounds: participant → everything missed.
 * A room that can't be joined says why and hinders no other. Rejects with `unavailable`: nothing is answered half.
 */
export async function resume(deps: ResumeDeps, { actor, command, at }: ResumeInput): Promise<Resumed> {
  const point = command.after;
  const first = point === undefined || point.kind === 'offset';
  const enter = first
    ? (roomId: RoomId) => joinRoom(deps, { actor, roomId, at })
    : (roomId: RoomId) => requireParticipant(deps, roomId, actor.id);
  const rooms = await mapBounded([...new Set(command.roomIds)], ROOM_LIST.concurrency, (roomId) =>
    outcomeOf(roomId, enter(roomId)),
  );
  const began = first ? at : point.kind === 'page' ? point.began : undefined;
  const answer = {
    kind: 'resumed',
    rooms,
    // As long as another look is due, nobody may go on from later than where it looks from.
    offset: offsetAt(began ?? at),
    ...(began === undefined ? {} : { began }),
  } as const;
  const after = startOf(point, at);
  if (after === undefined) return { ...answer, recovered: false, events: [], complete: true };
  const roomIds = rooms.flatMap(({ roomId, refused }) => (refused === undefined ? [roomId] : []));
  if (first) await deps.pause?.(RESUME.settleMs);
  const missed = await missedBy(deps, { userId: actor.id, roomIds, after, limit: RESUME.page });
  // So much at one instant that no page can hold it: the client starts from the history.
  const recovered = missed.complete || missed.events.length > 0;
  return { ...answer, recovered, events: missed.events, complete: missed.complete || !recovered };
}

/** Undefined where nothing was asked for, or more than is kept track of. */
function startOf(point: ResumePoint | undefined, now: Millis): MissedInput['after'] | undefined {
  if (point === undefined) return undefined;
  const at = Math.min(point.kind === 'again' ? point.began : point.at, now);
  if (at < now - RESUME.windowMs) return undefined;
  return point.kind === 'page' ? { at, slackMs: 0, beyond: point.offset } : { at, slackMs: RESUME.slackMs };
}

async function outcomeOf(roomId: RoomId, entering: Promise<unknown>): Promise<ResumedRoom> {
  try {
    await entering;
    return { roomId };
  } catch (error) {
    const code = error instanceof CausewayError ? error.code : undefined;
    if (code !== 'not_participant' && code !== 'forbidden') throw error;
    return { roomId, refused: code };
  }
}
