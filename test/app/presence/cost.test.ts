/** What coming and going costs, by DynamoDB's own account; the table in docs/presence.md is compared with it. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';

import { createAudience } from '../../../compat/audience/index.ts';
import { createDynamoStores, type Stores } from '../../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import { createSocketIoStores } from '../../../lambdas/adapters/dynamodb/socketio/create-socketio-stores.ts';
import { settlePresence, type SettleDeps } from '../../../lambdas/app/settle-presence.ts';
import type { ConnectionId, RoomId, UserId } from '../../../lambdas/domain/ids.ts';
import { DEFAULT_NAMESPACES } from '../../../lambdas/manifest/dialects.ts';
import { PRESENCE } from '../../../lambdas/manifest/limits.ts';
import { race } from '../../contract/data.ts';
import { type CapacityMeter, meterCapacity } from '../../support/capacity-meter.ts';
import { startDynalite, type LocalDynamo } from '../../support/dynalite-server.ts';
import { createTestTable } from '../../support/dynamo-table.ts';
import { createFakeDialects } from '../../support/fakes/fake-dialects.ts';
import { createFakeGateway, type FakeGateway } from '../../support/fakes/fake-gateway.ts';
import { createFakeLater } from '../../support/fakes/fake-later.ts';
import { createRecordingLog } from '../../support/fakes/fake-runtime.ts';
import { HOUR, live, NOW, session } from '../../support/fakes/world.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 90_000 });

const DOCUMENT = readFileSync(new URL('../../../docs/presence.md', import.meta.url), 'utf8');
const SIZES = [10, 100, 1_000];

let server: LocalDynamo;
let stores: Stores;
let deps: SettleDeps & { readonly gateway: FakeGateway };
let meter: CapacityMeter;

beforeAll(async () => {
  server = await startDynalite();
  const table = { ...(await createTestTable(server.endpoint)), now: () => NOW };
  stores = createDynamoStores(table);
  meter = meterCapacity(table.client);
  const socketIo = createSocketIoStores(table);
  const log = createRecordingLog();
  deps = {
    ...stores,
    gateway: createFakeGateway(),
    later: createFakeLater(),
    dialects: createFakeDialects(),
    audience: createAudience({
      ...socketIo,
      settings: { namespaces: DEFAULT_NAMESPACES },
      words: () => undefined,
      deliver: async () => 'sent',
      connections: { close: async () => {} },
      clock: { now: () => NOW },
      recovery: false,
      log,
    }),
    roomLimit: PRESENCE.roomLimit.default,
    now: () => NOW,
    log,
  };
});
afterAll(() => server?.close());

/** Anna of a room in which so many are connected, herself included. */
async function crowd(size: number) {
  const roomId = `crowd-${size}` as RoomId;
  const anna = `anna-${size}` as UserId;
  await stores.rooms.create({ id: roomId, createdBy: anna, createdAt: NOW }, [anna]);
  for (let from = 0; from < size - 1; from += 100)
    await race(Math.min(100, size - 1 - from), (n) =>
      stores.members.add(live(`guest${from + n}`, { roomId }), NOW + HOUR),
    );
  await stores.sessions.admit({ id: anna, username: 'anna', createdAt: NOW }, 'create', NOW - HOUR);
  const opened = session('anna', { userId: anna, connectionId: `conn-${size}=` as ConnectionId });
  return { anna, opened };
}

async function told(userId: UserId) {
  const { posts } = deps.gateway;
  const before = posts.length;
  const spent = await meter.spentBy(() => settlePresence(deps, { userId, at: NOW }));
  return { posts: posts.length - before, reads: spent.readUnits, writes: spent.writeUnits };
}

/** Posts when so many come to a room one after another: each is told to those who are there, up to the limit of a room. */
function postsOfAll(size: number): number {
  let posts = 0;
  for (let present = 0; present < size; present++)
    if (present <= PRESENCE.roomLimit.default) posts += present;
  return posts;
}

describe('what coming and going costs', () => {
  test.each(SIZES)('in a room of %i', async (size) => {
    const { anna, opened } = await crowd(size);
    await stores.sessions.open(opened, NOW + HOUR);
    const coming = await told(anna);
    await stores.sessions.close(opened);
    const going = await told(anna);
    const one = ({ posts, reads, writes }: typeof coming) => `${posts} | ${reads} | ${writes}`;
    const all = postsOfAll(size);
    const row = `| ${number(size)} | ${one(coming)} | ${one(going)} | ${number(all)} | ${number((size * (size - 1)) / 2)} |`;
    expect(DOCUMENT.split('\n')).toContain(row);
    expect(coming.posts).toBeLessThanOrEqual(PRESENCE.roomLimit.default);
    // However large the room: what shows that it is too large, in each of two namespaces and natively.
    expect(coming.reads).toBeLessThan(20);
  });

  test('a session that ends beside others costs no post', async () => {
    const { anna, opened } = await crowd(2);
    await stores.sessions.open(opened, NOW + HOUR);
    await told(anna);
    expect(await told(anna)).toMatchObject({ posts: 0, writes: 0 });
  });
});

function number(value: number): string {
  return value.toLocaleString('en-US');
}
