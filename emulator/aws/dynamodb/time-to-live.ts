/**
 * Time to Live: expired items disappear in the background, "typically within two days" (Developer Guide, "Using time to live").
 * The emulator takes the two days in full, so that code can't come to rely on a prompt deletion.
 */
import type { Clock, EmulatorLogEntry } from '../../types.ts';
import type { AttributeValue, Engine, Item } from './engine.ts';
import type { TemplateTable } from './template-tables.ts';

const HOUR_MS = 3_600_000;
export const DEFAULT_TTL_DELAY_MS = 48 * HOUR_MS;
/** "Items with a TTL older than five years are not deleted." */
const OLDEST_SECONDS = 5 * 365 * 24 * 3600;

export interface TimeToLiveDependencies {
  readonly engine: Engine;
  readonly clock: Pick<Clock, 'now' | 'at'>;
  readonly tables: readonly TemplateTable[];
  /** How late items go. */
  readonly delayMs: number;
  readonly log: (entry: EmulatorLogEntry) => void;
}

/** Looks for expired items once per emulated hour; the returned function stops it and waits for a sweep under way. */
export function startTimeToLive(dependencies: TimeToLiveDependencies): () => Promise<void> {
  const tables = dependencies.tables.filter(({ ttlAttribute }) => ttlAttribute !== undefined);
  if (tables.length === 0) return () => Promise.resolve();
  const { clock, log } = dependencies;
  let stopped = false;
  let sweeping = Promise.resolve();
  let cancel = schedule();

  function schedule(): () => void {
    return clock.at(clock.now() + HOUR_MS, () => {
      cancel = schedule();
      sweeping = sweeping
        .then(sweep)
        .catch((error: unknown) =>
          log({ level: 'error', source: 'emulator', message: `TTL deletion failed: ${String(error)}` }),
        );
    });
  }
  async function sweep(): Promise<void> {
    for (const table of tables) if (!stopped) await deleteExpired(table, dependencies);
  }
  return async () => {
    stopped = true;
    cancel();
    await sweeping;
  };
}

async function deleteExpired(
  { name, ttlAttribute = '', keySchema }: TemplateTable,
  { engine, clock, delayMs }: TimeToLiveDependencies,
): Promise<void> {
  const latest = Math.floor((clock.now() - delayMs) / 1000);
  const isExpired = (item: Item | undefined): boolean => {
    const seconds = expiry(item?.[ttlAttribute]);
    return seconds !== undefined && seconds <= latest && seconds > latest - OLDEST_SECONDS;
  };
  let start: unknown;
  do {
    const page = await engine.run(
      'Scan',
      engine.validate('Scan', {
        TableName: name,
        ...(start === undefined ? {} : { ExclusiveStartKey: start }),
      }),
    );
    for (const item of (page['Items'] as readonly Item[]).filter(isExpired)) {
      const Key = Object.fromEntries(
        keySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]),
      );
      // A function may have prolonged the item since it was scanned.
      const Condition = {
        ConditionExpression: '#ttl = :seen',
        ExpressionAttributeNames: { '#ttl': ttlAttribute },
        ExpressionAttributeValues: { ':seen': item[ttlAttribute] },
      };
      await engine
        .run(
          'DeleteItem',
          engine.validate('DeleteItem', { TableName: name, Key, ...structuredClone(Condition) }),
        )
        .catch(ignoreProlonged);
    }
    start = page['LastEvaluatedKey'];
  } while (start !== undefined);
}

/** Only numbers count: "the TTL attribute's value must be a Number in epoch seconds". */
function expiry(value: AttributeValue | undefined): number | undefined {
  return typeof value?.['N'] === 'string' ? Number(value['N']) : undefined;
}

function ignoreProlonged(error: unknown): void {
  if (!(error instanceof Error) || !('existingItem' in error)) throw error;
}
