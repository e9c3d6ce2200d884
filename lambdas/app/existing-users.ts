import type { UserId } from '../domain/ids.ts';
import { CHAT } from '../manifest/limits.ts';
import type { Deps } from './deps.ts';
import { invalidField, unknownUsers } from './refusals.ts';

/** The ids without repeats, all known to exist. Rejects with `invalid_field`, which does not say who is missing. */
export async function existingUsers(
  deps: Pick<Deps, 'users'>,
  userIds: readonly UserId[],
): Promise<readonly UserId[]> {
  const unique = [...new Set(userIds)];
  if (unique.length > CHAT.participantsPerCall) {
    throw invalidField('participantIds', `must name at most ${CHAT.participantsPerCall} users`);
  }
  if (unique.length === 0) return unique;
  const users = await deps.users.getMany(unique);
  if (users.length < unique.length) throw unknownUsers('participantIds');
  return unique;
}
