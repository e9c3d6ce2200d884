import { afterAll, beforeAll, describe } from 'vitest';
import echo from '../fixtures/socketio/echo.ts';
import { startStock, type StockServer } from '../support/stock-socketio.ts';
import { conformanceSuite } from './suite.ts';
import { SETTINGS, target } from './target.ts';

/** The suite is right when a stock server passes it. */
describe('a stock socket.io server', () => {
  let server: StockServer;
  beforeAll(async () => {
    server = await startStock(echo, {
      pingInterval: SETTINGS.pingIntervalMs,
      pingTimeout: SETTINGS.pingTimeoutMs,
      connectTimeout: SETTINGS.connectTimeoutMs,
      maxHttpBufferSize: SETTINGS.maxPayloadBytes,
      cors: { origin: '*' },
    });
  });
  afterAll(() => server.close());
  conformanceSuite(target('stock', () => server.url));
});
