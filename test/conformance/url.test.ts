import { describe, test } from 'vitest';
import { conformanceSuite } from './suite.ts';
import { target } from './target.ts';

const URL_VARIABLE = 'CAUSEWAY_CONFORMANCE_URL';
/** `stock` when the server at that address is a stock socket.io server. Default `causeway`. */
const TARGET_VARIABLE = 'CAUSEWAY_CONFORMANCE_TARGET';

const url = process.env[URL_VARIABLE];
if (url === undefined) {
  test.skip(`the server at ${URL_VARIABLE} (not set)`, () => {});
} else {
  const kind = process.env[TARGET_VARIABLE] === 'stock' ? 'stock' : 'causeway';
  describe(`the server at ${url}`, () => conformanceSuite(target(kind, () => url)));
}
