import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { ROOT, startCauseway, type Causeway } from '../support/causeway.ts';
import { startStock, type StockServer } from '../support/stock-socketio.ts';
import server from '../../examples/custom-server/server.ts';

const SCRIPT = 'examples/custom-server/client.mjs';
/** A room of many messages in flight while the connection is cut. */
const MESSAGES = 20;

let causeway: Causeway;
beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'examples/custom-server/causeway.config.ts' });
});
afterAll(() => causeway.close());

test('an unmodified client with default options polls, upgrades, gets its ack, and survives a cut without a loss', async () => {
  const script = runScript(causeway.urls.origin);
  await script.prints('upgraded to websocket');
  await script.prints('in the lobby: alice');
  expect(script.lines[0]).toBe('connected via polling');
  expect(script.lines).toContain('recovered: false');

  const bob = await enter(causeway.urls.origin, 'bob');
  await bob.emitWithAck('say', 'lobby', 'message 0');
  await script.prints('bob: message 0');
  const connectionIds = await connections();
  const cut = fetch(`${causeway.urls.origin}/_emulator/cut`, {
    method: 'POST',
    body: JSON.stringify({ connectionId: connectionIds.alice }),
  });
  for (let n = 1; n < MESSAGES; n++) await bob.emitWithAck('say', 'lobby', `message ${n}`);
  expect((await cut).status).toBe(200);

  await script.prints('recovered: true');
  await script.prints(`bob: message ${MESSAGES - 1}`);
  await bob.emitWithAck('say', 'lobby', 'after');
  await script.prints('bob: after');
  expect(script.lines.filter((line) => line.startsWith('bob: message'))).toEqual(
    Array.from({ length: MESSAGES }, (_, n) => `bob: message ${n}`),
  );
  expect(script.lines.filter((line) => line.startsWith('connected via'))).toHaveLength(2);
});

test('who comes back is in its rooms under its id', async () => {
  const carol = await enter(causeway.urls.origin, 'carol');
  // What was told together with the last event a client knows may be in doubt, and who is in doubt starts anew.
  await causeway.advance(5_000);
  await carol.emitWithAck('say', 'lobby', 'an event gives the offset');
  await causeway.advance(5_000);
  const { id } = carol;
  const back = once(carol as never, 'connect');
  carol.io.engine.close();
  await back;
  expect(carol).toMatchObject({ id, recovered: true });
  expect(await carol.emitWithAck('say', 'lobby', 'still a member')).toEqual({ ok: true });
});

test('a stock server runs the same server code and the same script', async () => {
  const stock: StockServer = await startStock(server, { connectionStateRecovery: {} });
  onTestFinished(() => stock.close());
  const script = runScript(stock.url);
  await script.prints('in the lobby: alice');
  await script.prints('upgraded to websocket');
  expect(script.lines[0]).toBe('connected via polling');
});

test('without a name nobody gets in, and the error says what is missing', async () => {
  const socket = io(causeway.urls.origin, { forceNew: true });
  onTestFinished(() => {
    socket.disconnect();
  });
  const [error] = (await once(socket as never, 'connect_error')) as [Error & { data: unknown }];
  expect(error).toMatchObject({ message: 'Who are you?', data: { field: 'name' } });
});

async function enter(url: string, name: string): Promise<Socket> {
  const socket = io(url, { auth: { name }, transports: ['websocket'], forceNew: true });
  onTestFinished(() => {
    socket.disconnect();
  });
  await socket.emitWithAck('join', 'lobby');
  return socket;
}

/** The connection that was opened first is the script's. */
async function connections(): Promise<{ alice: string | undefined }> {
  const list = (await (await fetch(`${causeway.urls.origin}/_emulator/connections`)).json()) as {
    connectionId: string;
    connectedAt: string;
  }[];
  return { alice: list.toSorted((a, b) => a.connectedAt.localeCompare(b.connectedAt))[0]?.connectionId };
}

interface Script {
  readonly lines: readonly string[];
  prints(line: string): Promise<void>;
}

/** Runs the example as a user would. */
function runScript(origin: string): Script {
  const child = spawn(process.execPath, [SCRIPT, origin], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => {
    child.kill();
  });
  const lines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on('line', (line) => lines.push(line));
  return {
    lines,
    async prints(line) {
      const patience = AbortSignal.timeout(15_000);
      while (!lines.includes(line)) {
        await once(output, 'line', { signal: patience }).catch(() => {
          throw new Error(`the script did not print "${line}" but: ${lines.join(' / ')}`);
        });
      }
    },
  };
}
