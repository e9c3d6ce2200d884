import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { runLoad } from './load.ts';

let causeway: Causeway;
beforeAll(async () => {
  causeway = await startCauseway();
});
afterAll(() => causeway.close());

test('200 clients in 20 rooms exchange 5,000 messages: every member receives every message exactly once', async () => {
  const result = await runLoad(causeway.urls, {
    clients: 200,
    rooms: 20,
    messages: 5_000,
    window: 1,
    async entered() {
      // Who is there has been told by then.
      await causeway.advance(5_000);
      await causeway.quiet();
      causeway.resetMeter();
    },
    settled: () => causeway.quiet(),
  });

  expect(result.errors).toEqual([]);
  expect({ missing: result.missing, duplicates: result.duplicates, deliveries: result.deliveries }).toEqual({
    missing: 0,
    duplicates: 0,
    deliveries: 50_000,
  });
  // Nine posts per message and the tenth member as the reply, counted independently by the meter.
  expect(causeway.meter().total.managementPosts).toBe(5_000 * 9);
}, 600_000);
