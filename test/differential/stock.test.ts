import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StockServer } from '../support/stock-socketio.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { startStockPeer } from './servers.ts';
import { Stage, transcriptOf, TRANSPORTS } from './stage.ts';

/** A transcript can be compared only if a stock server gives the same one every time. */
describe.each(TRANSPORTS)('a stock server repeats itself over %s', (transport) => {
  let stock: StockServer;
  beforeAll(async () => {
    stock = await startStockPeer();
  });
  afterAll(() => stock.close());

  test.each(SCENARIOS)('$name', async (scenario) => {
    const first = await transcriptOf(scenario, new Stage(stock.url, transport));
    expect(Object.values(first).flat().length).toBeGreaterThan(1);
    expect(await transcriptOf(scenario, new Stage(stock.url, transport))).toEqual(first);
  });
});
