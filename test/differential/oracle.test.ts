import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ACTS } from './oracle/acts.ts';
import { DEVIATIONS, deviationOf, undo } from './oracle/deviations.ts';
import { openCauseway } from './oracle/causeway-house.ts';
import { openStock } from './oracle/stock-house.ts';
import { transcriptOf, type OpenHouse } from './oracle/theatre.ts';

let stock: OpenHouse;
let causeway: OpenHouse;
beforeAll(async () => {
  [stock, causeway] = await Promise.all([openStock(), openCauseway()]);
});
afterAll(async () => {
  await Promise.all([stock?.close(), causeway?.close()]);
});

/** Each document, implemented literally with stock socket.io in memory, and a deployment: the same clients see the same. Transports have tests of their own. */
describe('the documents by the letter, and this', () => {
  test.each(ACTS)('$name', async (act) => {
    const expected = await transcriptOf(act, stock, 'websocket');
    const seen = await transcriptOf(act, causeway, 'websocket');
    const deviation = deviationOf(act.name);
    if (deviation !== undefined) expect(seen, 'a deviation that has gone').not.toEqual(expected);
    expect(undo(seen, deviation)).toEqual(expected);
  });
});

test.each(DEVIATIONS)('somebody looks whether $what', ({ acts }) => {
  expect(ACTS.some(({ name }) => acts.test(name))).toBe(true);
});
