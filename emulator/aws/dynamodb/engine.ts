/**
 * dynalite as an embedded store: its validations and actions are called directly, without its HTTP server. That saves a hop and two
 * JSON passes per request and gives what the server hides: the item a failed condition saw and the items a write replaced.
 */
import { createRequire } from 'node:module';
import type { Stream } from 'node:stream';
import { ValueStream } from './value-stream.ts';

export type AttributeValue = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, AttributeValue>>;
export type Input = Record<string, unknown>;
export type Output = Record<string, unknown>;

export interface TableDescription {
  readonly TableName: string;
  readonly TableStatus: string;
  readonly AttributeDefinitions: readonly {
    readonly AttributeName: string;
    readonly AttributeType: string;
  }[];
  readonly KeySchema: readonly KeyElement[];
  readonly GlobalSecondaryIndexes?: readonly IndexDescription[];
  readonly LocalSecondaryIndexes?: readonly IndexDescription[];
}

export interface KeyElement {
  readonly AttributeName: string;
  readonly KeyType: string;
}

export interface IndexDescription {
  readonly IndexName: string;
  readonly KeySchema: readonly KeyElement[];
  readonly Projection: { readonly ProjectionType: string; readonly NonKeyAttributes?: readonly string[] };
}

/** A refusal of DynamoDB: status and body as they go over the wire. */
export interface EngineError extends Error {
  readonly statusCode: number;
  readonly body: Readonly<Record<string, unknown>>;
  /** The item that made a condition fail. */
  readonly existingItem?: Item;
}

/** Hears of every item a request writes: what was there before and what is there afterwards. */
export type WriteObserver = (
  table: TableDescription,
  before: Item | undefined,
  after: Item | undefined,
) => void;

export interface Engine {
  readonly operations: ReadonlySet<string>;
  /** Checks types and values as the service does first. Throws an `EngineError`. Returns the input it understood. */
  validate(operation: string, input: Input): Input;
  run(operation: string, input: Input, observe?: WriteObserver): Promise<Output>;
  table(name: string): Promise<TableDescription | undefined>;
  putTable(table: TableDescription): Promise<void>;
  close(): Promise<void>;
}

type Callback<T> = (error: Error | null | undefined, value?: T) => void;

interface Store {
  readonly options: object;
  readonly db: {
    open(): Promise<void>;
    values(options: object): ConstructorParameters<typeof ValueStream>[0];
    createValueStream: (options: object) => Stream;
  };
  readonly tableDb: {
    awsAccountId: string;
    awsRegion: string;
    get(key: string, callback: Callback<TableDescription>): void;
    put(key: string, value: object, callback: Callback<void>): void;
  };
  readonly lifecycleManager: { gracefulClose(): Promise<void> };
  observe?: WriteObserver;
}

// The signature is dynalite's.
// oxlint-disable-next-line max-params
type UpdateIndexes = (
  store: Store,
  table: TableDescription,
  before: Item | undefined,
  after: Item | undefined,
  callback: Callback<void>,
) => void;
type CheckConditional = (input: Input, existing: Item | undefined) => Error | null | undefined;

interface DbModule {
  create(options: object): Store;
  checkConditional: CheckConditional;
  updateIndexes: UpdateIndexes;
}

interface Validations {
  checkTypes(input: Input, types: object): Input;
  checkValidations(input: Input, types: object, custom: unknown, store: Store): void;
}

type Action = (store: Store, input: Input, callback: Callback<Output>) => void;

const require = createRequire(import.meta.url);
const dbModule = require('dynalite/db') as DbModule;
const validations = require('dynalite/validations') as Validations;

const OPERATIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'CreateTable',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'ListTables',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
];

const actions = new Map(
  OPERATIONS.map((name) => [name, require(`dynalite/actions/${lowerFirst(name)}`) as Action]),
);
const rules = new Map(
  OPERATIONS.map((name) => [
    name,
    require(`dynalite/validations/${lowerFirst(name)}`) as { types: object; custom: unknown },
  ]),
);

observeWrites(dbModule);

/** Opens the store in the directory `path`, or in memory. */
export async function openEngine({
  path,
  region,
  accountId,
}: {
  path: string | undefined;
  region: string;
  accountId: string;
}): Promise<Engine> {
  const options = { createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 };
  const store = dbModule.create(path === undefined ? options : { ...options, path });
  await store.db.open();
  store.db.createValueStream = (range) => new ValueStream(store.db.values(range));
  store.tableDb.awsAccountId = accountId;
  store.tableDb.awsRegion = region;
  return {
    operations: new Set(OPERATIONS),
    validate(operation, input) {
      const rule = known(rules, operation);
      const understood = validations.checkTypes(input, rule.types);
      validations.checkValidations(understood, rule.types, rule.custom, store);
      return understood;
    },
    run: (operation, input, observe) =>
      promise((callback) =>
        known(actions, operation)(observe === undefined ? store : observed(store, observe), input, callback),
      ),
    table: async (name) => {
      const found = await promise<TableDescription | undefined>((callback) =>
        store.tableDb.get(name, callback),
      );
      return found;
    },
    putTable: (table) => promise((callback) => store.tableDb.put(table.TableName, table, callback)),
    close: () => store.lifecycleManager.gracefulClose(),
  };
}

export function isEngineError(error: unknown): error is EngineError {
  return (
    error instanceof Error &&
    typeof (error as Partial<EngineError>).statusCode === 'number' &&
    typeof (error as Partial<EngineError>).body === 'object'
  );
}

/** The actions reach these two functions through the module object, so wrapping them there is enough. Both only add. */
function observeWrites(db: DbModule): void {
  const { checkConditional, updateIndexes } = db;
  db.checkConditional = (input, existing) => {
    const error = checkConditional(input, existing);
    return error instanceof Error ? Object.assign(error, { existingItem: existing }) : error;
  };
  // oxlint-disable-next-line max-params
  db.updateIndexes = (store, table, before, after, callback) => {
    store.observe?.(table, before ?? undefined, after ?? undefined);
    updateIndexes(store, table, before, after, callback);
  };
}

/** The store travels through an action as an argument, so a copy of it carries what belongs to one request. */
function observed(store: Store, observe: WriteObserver): Store {
  return Object.assign(Object.create(store) as Store, { observe });
}

function promise<T>(start: (callback: Callback<T>) => void): Promise<T> {
  return new Promise((resolve, reject) =>
    start((error, value) => (error ? reject(error) : resolve(value as T))),
  );
}

function known<T>(values: ReadonlyMap<string, T>, operation: string): T {
  const value = values.get(operation);
  if (value === undefined) throw new Error(`dynalite has no operation ${operation}`);
  return value;
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
