import type { LiveMember, Millis, Session } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import type { Gathering } from '../ports/audience.ts';
import { mayModerate } from '../domain/roles.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { fanOut } from './fan-out.ts';
import { notParticipant } from './refusals.ts';

type RemoveDeps = FanOutDeps & Pick<Deps, 'rooms' | 'memo'>;

export interface RemoveParticipantInput {
  readonly roomId: RoomId;
  readonly caller: { readonly userId: UserId; readonly role?: string };
  /** Who is to go: the caller, or anybody if the caller created the room or is an admin. */
  readonly userId: UserId;
  readonly at: Millis;
}

/**
 * Takes the right to a room away, then the user's live rows and sockets out of it, and tells those `room.left`.
 * Repeating it finishes what a failure left. Rejects with `not_participant` (the caller), `forbidden`, `not_found`.
 */
export async function removeParticipant(deps: RemoveDeps, input: RemoveParticipantInput): Promise<void> {
  const { roomId, userId, at } = input;
  await requireRight(deps, input);
  const outcome = await deps.rooms.removeParticipant(roomId, userId);
  const first = await evict(deps, input);
  // A join that was checked before the right went away may have written its row during the first pass.
  const late = await evict(deps, input);
  const rows = [...first.rows, ...late.rows];
  const sockets = first.sockets.and(late.sockets);
  if (outcome === 'absent' && rows.length + sockets.size === 0) throw absent(input);
  const event = { kind: 'room.left', roomId, userId } as const;
  await Promise.all([fanOut(deps, { event, to: rows, at }), sockets.say(event)]);
}

/** Nobody needs a right to go; that also lets somebody who is out already finish a removal that failed half-way. */
async function requireRight(
  deps: Pick<Deps, 'rooms'>,
  { roomId, caller, userId }: RemoveParticipantInput,
): Promise<void> {
  if (userId === caller.userId) return;
  const [room, participant] = await Promise.all([
    deps.rooms.get(roomId),
    deps.rooms.participant(roomId, caller.userId, 'strong'),
  ]);
  const isAdmin = mayModerate(caller.role);
  if (room === undefined || (participant === undefined && !isAdmin)) throw notParticipant();
  if (room.createdBy !== caller.userId && !isAdmin) {
    throw new CausewayError('forbidden', 'Only the creator of the room or an admin may remove others.');
  }
}

function absent({ caller, userId }: RemoveParticipantInput): CausewayError {
  return userId === caller.userId ? notParticipant() : new CausewayError('not_found', 'No such participant.');
}

interface Evicted {
  readonly rows: readonly LiveMember[];
  readonly sockets: Gathering;
}

async function evict(deps: RemoveDeps, input: RemoveParticipantInput): Promise<Evicted> {
  const { roomId, userId, at } = input;
  const [rows, sockets] = await Promise.all([
    evictRows(deps, input),
    deps.audience.evict(roomId, userId, at),
  ]);
  return { rows, sockets };
}

/** Removes every live row of the user: those the room knows and those the user's sessions know. Returns them. */
async function evictRows(
  deps: RemoveDeps,
  { roomId, userId, at }: RemoveParticipantInput,
): Promise<readonly LiveMember[]> {
  const [live, sessions] = await Promise.all([
    deps.members.list(roomId, at),
    deps.sessions.ofUser(userId, at),
  ]);
  const listed = live.members.filter((member) => member.userId === userId);
  const noted = sessions.flatMap((session) => rowsOf(session, roomId));
  const rows = [
    ...new Map([...listed, ...noted].map((row) => [`${row.connectionId}#${row.shard}`, row])).values(),
  ];
  await Promise.all(rows.map((row) => removeRow(deps, row)));
  return rows;
}

function rowsOf({ connectionId, userId, dialect, rooms }: Session, roomId: RoomId): readonly LiveMember[] {
  return rooms
    .filter((room) => room.roomId === roomId)
    .map(({ shard }) => ({ connectionId, userId, dialect, roomId, shard }));
}

async function removeRow(deps: RemoveDeps, row: LiveMember): Promise<void> {
  const { connectionId, userId, roomId, shard } = row;
  deps.memo.forget(connectionId, roomId);
  await Promise.all([
    deps.members.remove(connectionId, { roomId, shard }),
    deps.sessions.removeRoom({ userId, connectionId }, { roomId, shard }),
  ]);
}
