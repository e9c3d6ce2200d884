import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

export interface Spent {
  readonly calls: readonly string[];
  readonly readUnits: number;
  readonly writeUnits: number;
}

export interface CapacityMeter {
  /** What `work` caused; nothing else may use the client meanwhile. */
  spentBy(work: () => Promise<unknown>): Promise<Spent>;
}

const WRITES = new Set([
  'PutItemCommand',
  'UpdateItemCommand',
  'DeleteItemCommand',
  'PutCommand',
  'UpdateCommand',
  'DeleteCommand',
]);

/** Makes every call of the client report its ConsumedCapacity and adds it up. */
export function meterCapacity(client: DynamoDBDocumentClient): CapacityMeter {
  let calls: string[] = [];
  let readUnits = 0;
  let writeUnits = 0;
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input = { ...args.input, ReturnConsumedCapacity: 'TOTAL' };
      const { output, response } = await next({ ...args, input });
      const name = String(context['commandName']);
      const units = capacityOf(output);
      calls.push(name.replace('Command', ''));
      if (WRITES.has(name)) writeUnits += units;
      else readUnits += units;
      return { output, response };
    },
    { step: 'initialize', name: 'meterCapacity', override: true },
  );
  return {
    spentBy: async (work) => {
      calls = [];
      readUnits = 0;
      writeUnits = 0;
      await work();
      return { calls, readUnits, writeUnits };
    },
  };
}

function capacityOf(output: object): number {
  const consumed = (output as { ConsumedCapacity?: unknown }).ConsumedCapacity;
  const parts = (Array.isArray(consumed) ? consumed : [consumed]) as (
    | { CapacityUnits?: number }
    | undefined
  )[];
  return parts.reduce((sum, part) => sum + (part?.CapacityUnits ?? 0), 0);
}
