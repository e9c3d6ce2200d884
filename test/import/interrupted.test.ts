import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { createMessageStore } from '../../lambdas/adapters/dynamodb/messages.ts';
import type { RoomId, UserId } from '../../lambdas/domain/ids.ts';
import { startDynalite, type LocalDynamo } from '../support/dynalite-server.ts';
import { createTestTable, type TestTable } from '../support/dynamo-table.ts';
import { startImport } from './support/command.ts';
import { createFolder } from './support/files.ts';

const AT = Date.parse('2024-05-06T07:08:09Z');
const LINES = 3_000;
/** Rows of a request. */
const CALLS = LINES / 25;

const folder = createFolder();
let dynamo: LocalDynamo;
let table: TestTable;

beforeAll(async () => {
  dynamo = await startDynalite();
  table = await createTestTable(dynamo.endpoint);
});
afterAll(async () => {
  folder.remove();
  table.client.destroy();
  await dynamo.close();
});

test(
  'an import that is killed goes on where it stopped and doubles nothing',
  { timeout: 90_000 },
  async () => {
    const users = folder.write('users', [{ id: 'ann', username: 'ann', createdAt: AT }]);
    const rooms = folder.write('rooms', [{ id: 'tea', createdAt: AT, participants: ['ann'] }]);
    // Two seconds for all of them, so that the order is up to the ids; one bad line early and one late.
    const messages = folder.write(
      'messages',
      Array.from({ length: LINES }, (_, id) =>
        id === 50 || id === LINES - 50
          ? `bad ${id}`
          : { id, roomId: 'tea', senderId: 'ann', content: `no. ${id}`, createdAt: AT + 1_000 * (id % 2) },
      ),
    );
    const state = folder.path('state.json');
    const files = ['--users', users, '--rooms', rooms, '--messages', messages];
    const args = [...files, '--state', state, '--table', table.tableName, '--endpoint'];

    const half = await startDoor(CALLS / 2);
    const killed = startImport([...args, half.origin]);
    await Promise.race([half.stuck, killed.ended.then(({ output }) => Promise.reject(new Error(output)))]);
    killed.process.kill('SIGKILL');
    expect((await killed.ended).signal).toBe('SIGKILL');
    half.server.closeAllConnections();
    half.server.close();
    const { offset, line } = JSON.parse(readFileSync(state, 'utf8')).files.messages;
    expect(offset).toBeGreaterThan(0);
    expect(line).toBeLessThan(LINES);

    const rest = await startDoor(Infinity);
    const { code, output } = await startImport([...args, rest.origin]).ended;
    rest.server.closeAllConnections();
    rest.server.close();
    expect(output).toContain(`messages: ${(LINES - 2).toLocaleString('en')} imported, 2 rejected`);
    expect(code).toBe(1);
    expect(rest.writes()).toBeLessThan(CALLS);
    expect(folder.rejected('messages').map(({ line }) => line)).toEqual([51, LINES - 49]);
    const stored = { exceptSender: 'nobody' as UserId, limit: 10 * LINES };
    const store = createMessageStore({ ...table, now: Date.now });
    expect(await store.countAfter('tea' as RoomId, stored)).toBe(LINES - 2);

    const nothing = await startImport([...args, dynamo.endpoint]).ended;
    expect(nothing.output).toContain(`messages: ${(LINES - 2).toLocaleString('en')} imported, 2 rejected`);
  },
);

test.each([
  [['--users', 'nowhere.ndjson', '--dry-run'], 'There is no file nowhere.ndjson.'],
  [[], 'Name a file to import.'],
  [['--user', 'x'], "Unknown option '--user'"],
])('%j tells what is wrong', { timeout: 60_000 }, async (args, message) => {
  const { code, output } = await startImport(args).ended;
  expect(output).toContain(message);
  expect(output).not.toContain('    at ');
  expect(code).toBe(1);
});

/** In front of the table: lets so many BatchWriteItems through, then answers none. */
async function startDoor(letsThrough: number) {
  let writes = 0;
  let tell: () => void;
  const stuck = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const server: Server = createServer((req, res) => {
    const isWrite = String(req.headers['x-amz-target']).endsWith('.BatchWriteItem');
    if (isWrite && ++writes > letsThrough) return tell();
    const { method, headers, url } = req;
    const onward = request(`${dynamo.endpoint}${url}`, { method, headers }, (answer) => {
      res.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(res);
    });
    onward.on('error', () => res.destroy());
    req.pipe(onward);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { server, origin, stuck, writes: () => writes };
}
