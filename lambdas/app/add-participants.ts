import type { Millis } from '../domain/entities.ts';
import type { RoomId, UserId } from '../domain/ids.ts';
import type { Deps } from './deps.ts';
import { existingUsers } from './existing-users.ts';
import { requireParticipant } from './participation.ts';

export interface AddParticipantsInput {
  readonly roomId: RoomId;
  /** Who adds them: must be in the room. */
  readonly userId: UserId;
  /** At most CHAT.participantsPerCall. Those who are in already stay as they are. */
  readonly participantIds: readonly UserId[];
  readonly at: Millis;
}

/** Rejects with `not_participant`, with `invalid_field` for users who do not exist. */
export async function addParticipants(
  deps: Pick<Deps, 'rooms' | 'users'>,
  { roomId, userId, participantIds, at }: AddParticipantsInput,
): Promise<void> {
  // The right first: an outsider must not learn which users exist.
  await requireParticipant(deps, roomId, userId);
  const userIds = await existingUsers(deps, participantIds);
  if (userIds.length > 0) await deps.rooms.addParticipants(roomId, userIds, at);
}
