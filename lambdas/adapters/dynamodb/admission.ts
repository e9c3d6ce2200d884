import type { Millis, User } from '../../domain/entities.ts';
import type { SessionStore } from '../../ports/stores.ts';
import { key } from './keys.ts';
import type { Table } from './table.ts';
import { isMarkedOnline, profileAttributes, type ProfileRow } from './user-rows.ts';
import { updateRow, type RowUpdate } from './write.ts';

/**
 * AP-32: one write, whichever kind. `must-exist` touches the profile only if it is there. `create` fills in what is
 * absent and never changes what is stored: a token says who somebody is now, the profile is what others know. The profile as it
 * was, which costs nothing, says whether the user is marked as online.
 */
export async function admit(
  table: Table,
  user: User,
  entry: { readonly kind: 'must-exist' | 'create'; readonly at: Millis },
): ReturnType<SessionStore['admit']> {
  const update = entry.kind === 'create' ? upsert(user, entry.at) : touch(entry.at);
  const was = await updateRow<ProfileRow>(table, key.profile(user.id), {
    ...update,
    ReturnValues: 'ALL_OLD',
  });
  if (was === 'refused') return 'missing';
  return isMarkedOnline(was) ? 'online' : 'away';
}

function touch(at: Millis): RowUpdate {
  return {
    UpdateExpression: 'SET lastConnectAt = :at ADD connects :one',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':at': at, ':one': 1 },
  };
}

/** Names go through `#` placeholders: `role` is a reserved word (AWS "Reserved words in DynamoDB"). */
function upsert(user: User, at: Millis): RowUpdate {
  const present = Object.entries(profileAttributes(user)).filter(([, value]) => value !== undefined);
  const steps = present.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`);
  return {
    UpdateExpression: `SET lastConnectAt = :at, ${steps.join(', ')} ADD connects :one`,
    ExpressionAttributeNames: Object.fromEntries(present.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ':at': at,
      ':one': 1,
      ...Object.fromEntries(present.map(([name, value]) => [`:${name}`, value])),
    },
  };
}
