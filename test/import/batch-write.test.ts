import type { BatchWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import { expect, test, vi } from 'vitest';

import { batchWrite } from '../../bin/import/batch-write.ts';
import type { Table } from '../../lambdas/adapters/dynamodb/table.ts';

type Requests = NonNullable<BatchWriteCommandInput['RequestItems']>[string];

/** A DynamoDB that takes at most `takes` rows of each request. */
function throttling(takes: number) {
  const stored = new Map<string, unknown>();
  let calls = 0;
  const send = ({ input }: { input: BatchWriteCommandInput }) => {
    calls += 1;
    const requests: Requests = input.RequestItems?.['t'] ?? [];
    expect(requests.length).toBeLessThanOrEqual(25);
    for (const { PutRequest } of requests.slice(0, takes))
      stored.set(String(PutRequest?.Item?.['sk']), PutRequest?.Item);
    const left = requests.slice(takes);
    return Promise.resolve(left.length > 0 ? { UnprocessedItems: { t: left } } : {});
  };
  const table = { client: { send }, tableName: 't', now: Date.now } as unknown as Table;
  return { table, stored, calls: () => calls };
}

test('sends what was left unprocessed again until everything is in', async () => {
  vi.useFakeTimers();
  try {
    const { table, stored, calls } = throttling(7);
    const rows = Array.from({ length: 60 }, (_, n) => ({ pk: 'p', sk: String(n) }));
    const written = batchWrite(table, rows);
    await vi.runAllTimersAsync();
    await written;
    expect(stored.size).toBe(60);
    expect(calls()).toBe(4 + 4 + 2);
  } finally {
    vi.useRealTimers();
  }
});

test('gives up as unavailable when the table takes nothing', async () => {
  vi.useFakeTimers();
  try {
    const { table } = throttling(0);
    const refused = expect(batchWrite(table, [{ pk: 'p', sk: 's' }])).rejects.toMatchObject({
      code: 'unavailable',
    });
    await vi.runAllTimersAsync();
    await refused;
  } finally {
    vi.useRealTimers();
  }
});

test('asks for each key once: the last row of a key is the one', async () => {
  const { table, stored, calls } = throttling(25);
  await batchWrite(table, [
    { pk: 'p', sk: 's', n: 1 },
    { pk: 'p', sk: 's', n: 2 },
  ]);
  expect(calls()).toBe(1);
  expect(stored.get('s')).toMatchObject({ n: 2 });
});
