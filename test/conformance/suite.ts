import { beforeAll, describe } from 'vitest';
import { clients } from './clients/clients.ts';
import { close } from './engine/close.ts';
import { cors } from './engine/cors.ts';
import { handshake } from './engine/handshake.ts';
import { heartbeat } from './engine/heartbeat.ts';
import { polling } from './engine/polling.ts';
import { upgrade } from './engine/upgrade.ts';
import { webSocket } from './engine/websocket.ts';
import { connect } from './socketio/connect.ts';
import { disconnect } from './socketio/disconnect.ts';
import { message } from './socketio/message.ts';
import { openChannel, TRANSPORTS } from './support/channel.ts';
import type { Target } from './target.ts';

/**
 * What a stock client sees of a server with the echo application (test/fixtures/socketio/echo.ts) and the settings of
 * echo.config.ts. Needs nothing but the server's address. Re-implements the published suites of Engine.IO v4 and
 * Socket.IO v5 case by case and goes beyond them.
 */
export function conformanceSuite(target: Target): void {
  // The first frame of each kind may start something; the suite's time limits are those of a server that runs.
  beforeAll(async () => {
    for (const transport of TRANSPORTS) await warm(target.url(), transport);
  });
  describe('Engine.IO', () => {
    handshake(target);
    polling(target);
    webSocket(target);
    upgrade(target);
    heartbeat(target);
    close(target);
    cors(target);
  });
  describe('Socket.IO', () => {
    connect(target);
    disconnect(target);
    message(target);
  });
  describe('real clients', () => clients(target));
}

async function warm(url: string, transport: (typeof TRANSPORTS)[number]): Promise<void> {
  const channel = await openChannel(url, transport, { keep: true });
  await channel.send('40');
  await channel.take(2);
  await channel.send('420["message-with-ack"]');
  await channel.next();
  await channel.close();
}
