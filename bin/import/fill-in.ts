import type { Key } from '../../lambdas/adapters/dynamodb/keys.ts';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';
import { updateRow } from '../../lambdas/adapters/dynamodb/write.ts';

/**
 * Sets the attributes a row lacks and leaves those it has: an import that is repeated while people use the service must
 * not turn back their names. Names go through `#` placeholders: some are reserved words.
 */
export async function fillIn(
  table: Table,
  key: Key,
  attributes: Readonly<Record<string, unknown>>,
): Promise<void> {
  const present = Object.entries(attributes).filter(([, value]) => value !== undefined);
  const steps = present.map(([name]) => `#${name} = if_not_exists(#${name}, :${name})`);
  await updateRow(table, key, {
    UpdateExpression: `SET ${steps.join(', ')}`,
    ExpressionAttributeNames: Object.fromEntries(present.map(([name]) => [`#${name}`, name])),
    ExpressionAttributeValues: Object.fromEntries(present.map(([name, value]) => [`:${name}`, value])),
  });
}
