import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { conformanceSuite } from './suite.ts';
import { target } from './target.ts';

/** The template and the bundles of this tree with the same application, on the emulator. */
describe('Causeway on the emulator', () => {
  let causeway: Causeway;
  beforeAll(async () => {
    causeway = await startCauseway({ configFile: 'test/fixtures/socketio/echo.config.ts' });
  });
  afterAll(() => causeway.close());
  conformanceSuite(target('causeway', () => causeway.urls.origin));

  test('nothing failed where no client looks', async () => {
    // One test sends too large a packet (deviation packet-size), which is the application's failure and logged as such.
    const failed = causeway.logs.filter(
      (entry) => entry.level === 'error' && !JSON.stringify(entry).includes('too_large'),
    );
    expect(failed).toEqual([]);
    expect(causeway.permissions().denied).toEqual([]);
  });
});
