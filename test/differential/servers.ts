import server from '../fixtures/socketio/differential/server.ts';
import settings from '../fixtures/socketio/differential.config.ts';
import { startStock, type StockServer } from '../support/stock-socketio.ts';

export const CONFIG_FILE = 'test/fixtures/socketio/differential.config.ts';

/** The stock server with the settings of the configuration. */
export function startStockPeer(): Promise<StockServer> {
  return startStock(server, {
    pingInterval: settings.heartbeat.pingIntervalMs,
    pingTimeout: settings.heartbeat.pingTimeoutMs,
    connectTimeout: settings.limits.connectTimeoutMs,
    maxHttpBufferSize: settings.limits.maxPayloadBytes,
  });
}
