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
    settled: () => causeway.quiet(),
  });

  expect(result.errors).toEqual([]);
  expect({ missing: result.missing, duplicates: result.duplicates, deliveries: result.deliveries }).toEqual({
    missing: 0,
    duplicates: 0,
    deliveries: 50_000,
  });
  // Nine posts per message and the tenth member as the reply, counted independently by the meter.
  expect(postsOf('send')).toBe(5_000 * 9);
}, 600_000);

/** What the events of a route posted; presence, told beside them, has events of its own. */
function postsOf(route: string): number {
  const events = Object.entries(causeway.meter().events).filter(([name]) => name.endsWith(` ${route}`));
  return events.reduce((sum, [, { managementPosts }]) => sum + managementPosts, 0);
}
