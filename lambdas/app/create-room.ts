import type { Millis, Room } from '../domain/entities.ts';
import type { UserId } from '../domain/ids.ts';
import { checkRoomName } from '../domain/text-rules.ts';
import type { Deps } from './deps.ts';
import { existingUsers } from './existing-users.ts';
import { invalidField } from './refusals.ts';

export interface CreateRoomInput {
  readonly userId: UserId;
  readonly name?: string;
  /** Who else is in from the start; at most CHAT.participantsPerCall. The creator is in anyway. */
  readonly participantIds: readonly UserId[];
  readonly at: Millis;
}

export interface CreatedRoom {
  readonly room: Room;
  /** The creator first. */
  readonly participantIds: readonly UserId[];
}

/** Rejects with `invalid_field`, also for participants who do not exist. */
export async function createRoom(
  deps: Pick<Deps, 'rooms' | 'users' | 'ids'>,
  input: CreateRoomInput,
): Promise<CreatedRoom> {
  const { userId, at } = input;
  const name = validName(input.name);
  const others = await existingUsers(
    deps,
    input.participantIds.filter((id) => id !== userId),
  );
  const room: Room = { id: deps.ids.room(at), ...name, createdBy: userId, createdAt: at };
  const participantIds = [userId, ...others];
  await deps.rooms.create(room, participantIds);
  return { room, participantIds };
}

function validName(name: string | undefined): { readonly name?: string } {
  if (name === undefined) return {};
  const checked = checkRoomName(name);
  if (!checked.ok) throw invalidField('name', checked.error);
  return { name: checked.value };
}
