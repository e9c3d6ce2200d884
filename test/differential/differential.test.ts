import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import type { StockServer } from '../support/stock-socketio.ts';
import { deviationOf, EITHER_REASON, mayReorderAttachments } from './deviations.ts';
import { ERRORS } from './scenarios/errors.ts';
import { SCENARIOS } from './scenarios/all.ts';
import { CONFIG_FILE, startStockPeer } from './servers.ts';
import { Stage, transcriptOf, TRANSPORTS, type Transcript } from './stage.ts';

let stock: StockServer;
let causeway: Causeway;

beforeAll(async () => {
  [stock, causeway] = await Promise.all([startStockPeer(), startCauseway({ configFile: CONFIG_FILE })]);
});
afterAll(async () => {
  await Promise.all([stock.close(), causeway.close()]);
});

describe.each(TRANSPORTS)('the same server code, the same clients over %s', (transport) => {
  const onStock = () => new Stage(stock.url, transport);
  const here = () => new Stage(causeway.urls.origin, transport);

  test.each(SCENARIOS)('$name', async (scenario) => {
    const expected = await transcriptOf(scenario, onStock());
    if (deviationOf(scenario.name, transport) === undefined) {
      const comparable = mayReorderAttachments(scenario.name, transport) ? anyOrder : eitherReason;
      expect(comparable(await transcriptOf(scenario, here()))).toEqual(comparable(expected));
    } else {
      // A listed deviation: it differs, or comes to nothing.
      const seen = await transcriptOf(scenario, here()).catch((error: unknown) => error);
      expect(seen).not.toEqual(expected);
    }
  });

  // A stock server's process would end (docs/compatibility.md), so there is nothing to compare with.
  test.each(ERRORS)('listed deviation: $name', async ({ scenario, expected }) => {
    expect(await transcriptOf(scenario, here())).toEqual(expected);
    const logged = JSON.stringify(causeway.logs.filter(({ level }) => level !== 'debug'));
    expect(logged).toContain('secret detail');
  });
});

function eitherReason(transcript: Transcript): unknown {
  const [one, other] = EITHER_REASON.reasons;
  return JSON.parse(JSON.stringify(transcript).replaceAll(`"${one}"`, `"${other}"`));
}

/** Where the attachments are, and which there are, whatever is where. */
function anyOrder(transcript: Transcript): unknown {
  const text = JSON.stringify(transcript);
  const attachment = /"bytes [0-9a-f]*"/g;
  return {
    shape: JSON.parse(text.replaceAll(attachment, '"bytes"')),
    bytes: text.match(attachment)?.toSorted(),
  };
}
