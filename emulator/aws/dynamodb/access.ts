/** Which resources a request touches and what a policy may ask about it (Service Authorization Reference, "Amazon DynamoDB"). */
import type { Input, Item } from './engine.ts';
import type { TemplateTable } from './template-tables.ts';

export interface Access {
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export interface Place {
  readonly region: string;
  readonly accountId: string;
  readonly tables: ReadonlyMap<string, TemplateTable>;
}

/** One entry per table or index; batch operations touch several. */
export function accessesOf(input: Input, place: Place): readonly Access[] {
  const requests = input['RequestItems'] as Readonly<Record<string, unknown>> | undefined;
  if (requests !== undefined) {
    return Object.entries(requests).map(([table, request]) =>
      access(place, table, { keys: batchKeys(request) }),
    );
  }
  if (typeof input['TableName'] !== 'string') return [{ resource: '*', context: {} }];
  const index = input['IndexName'] as string | undefined;
  const key = (input['Key'] ?? input['Item']) as Item | undefined;
  const conditions = input['KeyConditions'] as
    | Readonly<Record<string, { readonly AttributeValueList: readonly Item[string][] }>>
    | undefined;
  const queried =
    conditions === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(conditions).map(
            ([
              name,
              {
                AttributeValueList: [value = {}],
              },
            ]) => [name, value],
          ),
        );
  const keys = [key ?? queried ?? []].flat() as readonly Item[];
  return [access(place, input['TableName'], { keys, index, input })];
}

interface Details {
  readonly keys: readonly Item[];
  readonly index?: string | undefined;
  readonly input?: Input;
}

function access(
  { region, accountId, tables }: Place,
  tableName: string,
  { keys, index, input }: Details,
): Access {
  const table = tables.get(tableName);
  const arn = table?.arn ?? `arn:aws:dynamodb:${region}:${accountId}:table/${tableName}`;
  const schema =
    index === undefined
      ? table?.keySchema
      : table?.indexes.find(({ IndexName }) => IndexName === index)?.KeySchema;
  const leading = leadingKeys(keys, schema?.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName);
  return {
    resource: index === undefined ? arn : `${arn}/index/${index}`,
    context: {
      ...(leading.length > 0 ? { 'dynamodb:LeadingKeys': leading } : {}),
      ...stringContext('dynamodb:Select', input?.['Select']),
      ...stringContext('dynamodb:ReturnValues', input?.['ReturnValues']),
      ...stringContext('dynamodb:ReturnConsumedCapacity', input?.['ReturnConsumedCapacity']),
    },
  };
}

function batchKeys(request: unknown): readonly Item[] {
  if (Array.isArray(request)) {
    return (request as { PutRequest?: { Item: Item }; DeleteRequest?: { Key: Item } }[]).map(
      (write) => write.PutRequest?.Item ?? write.DeleteRequest?.Key ?? {},
    );
  }
  return (request as { Keys?: readonly Item[] }).Keys ?? [];
}

function leadingKeys(keys: readonly Item[], hashAttribute: string | undefined): readonly string[] {
  if (hashAttribute === undefined) return [];
  return keys.flatMap((key) => Object.values(key[hashAttribute] ?? {}).map(String));
}

function stringContext(key: string, value: unknown): Readonly<Record<string, string>> {
  return typeof value === 'string' ? { [key]: value } : {};
}
