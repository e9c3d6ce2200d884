import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ACTS } from './oracle/acts.ts';
import { openStock } from './oracle/stock-house.ts';
import { transcriptOf, type OpenHouse } from './oracle/theatre.ts';

/** A transcript can be compared only if the literal server gives the same one every time. */
describe('the documents by the letter repeat themselves', () => {
  let stock: OpenHouse;
  beforeAll(async () => {
    stock = await openStock();
  });
  afterAll(() => stock.close());

  test.each(ACTS)('$name', async (act) => {
    const first = await transcriptOf(act, stock, 'websocket');
    expect(Object.values(first).flat().length).toBeGreaterThan(0);
    expect(await transcriptOf(act, stock, 'websocket')).toEqual(first);
  });
});
