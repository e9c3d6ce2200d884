/**
 * What a request costs. Reads come from dynalite's own ConsumedCapacity; writes are counted here, because dynalite leaves out
 * index writes, failed conditions and the difference between characters and bytes.
 */
import type { IndexDescription, Input, Item, Output, TableDescription } from './engine.ts';
import { writeUnits } from './item-size.ts';

interface TableCapacity {
  readonly TableName: string;
  CapacityUnits: number;
  Table?: { CapacityUnits: number } | undefined;
  GlobalSecondaryIndexes?: Record<string, { CapacityUnits: number }>;
}

/** Collects the write units of one request, per table. */
export class WriteCapacity {
  readonly tables = new Map<string, TableCapacity>();

  observe(table: TableDescription, before: Item | undefined, after: Item | undefined): void {
    const entry = this.tables.get(table.TableName) ?? {
      TableName: table.TableName,
      CapacityUnits: 0,
      Table: { CapacityUnits: 0 },
    };
    this.tables.set(table.TableName, entry);
    const base = Math.max(writeUnits(before), writeUnits(after));
    entry.CapacityUnits += base;
    if (entry.Table !== undefined) entry.Table.CapacityUnits += base;
    for (const index of table.GlobalSecondaryIndexes ?? []) {
      const units = indexWriteUnits(table, index, { before, after });
      if (units === 0) continue;
      entry.CapacityUnits += units;
      const indexes = (entry.GlobalSecondaryIndexes ??= {});
      indexes[index.IndexName] = { CapacityUnits: (indexes[index.IndexName]?.CapacityUnits ?? 0) + units };
    }
  }

  get total(): number {
    return [...this.tables.values()].reduce((total, { CapacityUnits }) => total + CapacityUnits, 0);
  }
}

/** Units a failed condition costs: "the write capacity for the item", the existing or the new one, whichever is larger. */
export function failedWriteUnits(input: Input, existing: Item | undefined): number {
  return Math.max(writeUnits(existing), writeUnits(input['Item'] as Item | undefined));
}

/** Read units of an answer. A Query or Scan that finds nothing still costs the smallest read. */
export function readUnitsOf(output: Output, input: Input): number {
  const capacities = [(output['ConsumedCapacity'] ?? []) as TableCapacity | TableCapacity[]].flat();
  const units = capacities.reduce((total, { CapacityUnits }) => total + CapacityUnits, 0);
  return units > 0 ? units : input['ConsistentRead'] === true ? 1 : 0.5;
}

/** Leaves in the answer what the caller asked for with ReturnConsumedCapacity. */
export function reportCapacity(
  output: Output,
  requested: unknown,
  spent: { readonly readUnits: number; readonly writes: WriteCapacity | undefined },
): Output {
  const { ConsumedCapacity, ...rest } = output;
  if (requested !== 'TOTAL' && requested !== 'INDEXES') return rest;
  const isList = Array.isArray(ConsumedCapacity);
  const read = [(ConsumedCapacity ?? []) as TableCapacity | TableCapacity[]].flat();
  const tables =
    spent.writes === undefined
      ? read.map((table) => (isList ? table : { ...table, CapacityUnits: spent.readUnits }))
      : [...spent.writes.tables.values()];
  const shown =
    requested === 'INDEXES'
      ? tables
      : tables.map(({ TableName, CapacityUnits }) => ({ TableName, CapacityUnits }));
  return { ...rest, ConsumedCapacity: isList ? shown : shown[0] };
}

/** Developer Guide, "Using Global Secondary Indexes in DynamoDB", write capacity: each index entry added, removed or changed. */
function indexWriteUnits(
  table: TableDescription,
  index: IndexDescription,
  { before, after }: { before: Item | undefined; after: Item | undefined },
): number {
  const old = project(table, index, before);
  const fresh = project(table, index, after);
  if (old === undefined || fresh === undefined) return old === fresh ? 0 : writeUnits(old ?? fresh);
  if (JSON.stringify(old) === JSON.stringify(fresh)) return 0;
  const isMoved = index.KeySchema.some(
    ({ AttributeName }) => JSON.stringify(old[AttributeName]) !== JSON.stringify(fresh[AttributeName]),
  );
  return isMoved ? writeUnits(old) + writeUnits(fresh) : Math.max(writeUnits(old), writeUnits(fresh));
}

/** The entry an item has in an index; none unless it has all of the index's key attributes. */
function project(
  table: TableDescription,
  { KeySchema, Projection }: IndexDescription,
  item: Item | undefined,
): Item | undefined {
  if (item === undefined || KeySchema.some(({ AttributeName }) => item[AttributeName] === undefined))
    return undefined;
  if (Projection.ProjectionType === 'ALL') return item;
  const names = [...KeySchema, ...table.KeySchema]
    .map(({ AttributeName }) => AttributeName)
    .concat(Projection.NonKeyAttributes ?? []);
  return Object.fromEntries(names.flatMap((name) => (item[name] === undefined ? [] : [[name, item[name]]])));
}
