import type { Millis, User } from '../../domain/entities.ts';
import { key } from './keys.ts';
import type { Table } from './table.ts';
import { profileAttributes } from './user-rows.ts';
import { updateRow, type RowUpdate } from './write.ts';

/**
 * AP-32: one write, whichever kind. `must-exist` touches the profile only if it is there. `create` fills in what is
 * absent and never changes what is stored: a token says who somebody is now, the profile is what others know.
 */
export async function admit(
  table: Table,
  user: User,
  entry: { readonly kind: 'must-exist' | 'create'; readonly at: Millis },
): Promise<'admitted' | 'missing'> {
  const update = entry.kind === 'create' ? upsert(user, entry.at) : touch(entry.at);
  const outcome = await updateRow(table, key.profile(user.id), update);
  return outcome === 'refused' ? 'missing' : 'admitted';
}

function touch(at: Millis): RowUpdate {
  return {
    UpdateExpression: 'SET lastConnectAt = :at',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':at': at },
  };
}

/** Names go through `#` placeholders: `role` is a reserved word (AWS "Reserved words in DynamoDB"). */
function upsert(user: User, at: Millis): RowUpdate {
  const present = Object.entries(profileAttributes(user)).filter(([, value]) => value !== undefined);
  const steps = present.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`);
  return {
    UpdateExpression: `SET lastConnectAt = :at, ${steps.join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(present.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: {
      ':at': at,
      ...Object.fromEntries(present.map(([name, value]) => [`:${name}`, value])),
    },
  };
}
