/** Tables as the template declares them (AWS::DynamoDB::Table and AWS::DynamoDB::GlobalTable) → tables of the engine. */
import type { Resource, Stack } from '../../types.ts';
import type { Engine, IndexDescription, Input, KeyElement, TableDescription } from './engine.ts';

interface TableProperties {
  readonly AttributeDefinitions?: readonly {
    readonly AttributeName: string;
    readonly AttributeType: string;
  }[];
  readonly KeySchema: readonly KeyElement[];
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
  readonly TimeToLiveSpecification?: { readonly AttributeName?: string; readonly Enabled?: boolean | string };
}

export interface TemplateTable {
  readonly name: string;
  readonly arn: string;
  readonly keySchema: readonly KeyElement[];
  readonly indexes: readonly IndexDescription[];
  /** The attribute with the expiry time in epoch seconds, when TTL is on. */
  readonly ttlAttribute?: string;
}

type TableResource = Resource<TableProperties>;

export function templateTables(stack: Stack): readonly TemplateTable[] {
  return tableResources(stack).map(({ ref, arn, properties }) => {
    const {
      KeySchema,
      GlobalSecondaryIndexes = [],
      LocalSecondaryIndexes = [],
      TimeToLiveSpecification: ttl,
    } = properties;
    const ttlAttribute = String(ttl?.Enabled) === 'true' ? ttl?.AttributeName : undefined;
    const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes];
    return {
      name: ref,
      arn: arn ?? '',
      keySchema: KeySchema,
      indexes,
      ...(ttlAttribute === undefined ? {} : { ttlAttribute }),
    };
  });
}

/** Creates what is missing. A table kept from an earlier run must have the same keys and indexes. */
export async function createTables(stack: Stack, engine: Engine): Promise<void> {
  for (const resource of tableResources(stack)) {
    const existing = await engine.table(resource.ref);
    if (existing !== undefined) checkUnchanged(existing, resource);
    const table = existing ?? (await create(engine, resource));
    // A fresh table would become ACTIVE a moment later; one whose creation was cut short by a kill, never.
    if (table.TableStatus !== 'ACTIVE') await engine.putTable({ ...table, TableStatus: 'ACTIVE' });
  }
}

function tableResources(stack: Stack): readonly TableResource[] {
  return [
    ...stack.ofType<TableProperties>('AWS::DynamoDB::Table'),
    ...stack.ofType<TableProperties>('AWS::DynamoDB::GlobalTable'),
  ];
}

async function create(engine: Engine, resource: TableResource): Promise<TableDescription> {
  const {
    AttributeDefinitions = [],
    KeySchema,
    GlobalSecondaryIndexes = [],
    LocalSecondaryIndexes = [],
  } = resource.properties;
  const input: Input = {
    TableName: resource.ref,
    AttributeDefinitions,
    KeySchema,
    BillingMode: 'PAY_PER_REQUEST',
    ...(GlobalSecondaryIndexes.length > 0
      ? { GlobalSecondaryIndexes: GlobalSecondaryIndexes.map(indexOnly) }
      : {}),
    ...(LocalSecondaryIndexes.length > 0
      ? { LocalSecondaryIndexes: LocalSecondaryIndexes.map(indexOnly) }
      : {}),
  };
  try {
    const output = await engine.run('CreateTable', engine.validate('CreateTable', structuredClone(input)));
    return output['TableDescription'] as TableDescription;
  } catch (error) {
    throw new Error(
      `${resource.logicalId}: DynamoDB refuses the table: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** Capacity and monitoring settings of an index mean nothing here. */
function indexOnly({ IndexName, KeySchema, Projection }: IndexDescription): IndexDescription {
  return { IndexName, KeySchema, Projection };
}

function checkUnchanged(existing: TableDescription, { logicalId, properties }: TableResource): void {
  const kept = shape(existing);
  const wanted = shape(properties);
  if (kept === wanted) return;
  throw new Error(
    `The data directory holds the table ${existing.TableName} (${logicalId}) with other keys or indexes: remove the directory or choose another one\n  kept:     ${kept}\n  template: ${wanted}`,
  );
}

function shape({
  KeySchema,
  GlobalSecondaryIndexes = [],
  LocalSecondaryIndexes = [],
}: Pick<TableProperties, 'KeySchema' | 'GlobalSecondaryIndexes' | 'LocalSecondaryIndexes'>): string {
  const keys = (schema: readonly KeyElement[]) =>
    schema.map(({ AttributeName, KeyType }) => `${AttributeName} ${KeyType}`).join(', ');
  const indexes = [...GlobalSecondaryIndexes, ...LocalSecondaryIndexes].map(
    (index) => `${index.IndexName} (${keys(index.KeySchema)}; ${index.Projection.ProjectionType})`,
  );
  return [keys(KeySchema), ...indexes.toSorted()].join(' + ');
}
