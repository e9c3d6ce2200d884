/** Presence on a whole deployment: whoever comes and goes over any protocol, connections that vanish, a table left dirty. */
import { PutCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { hangUp } from '../../examples/contracts/hang-up.ts';
import { key } from '../../lambdas/adapters/dynamodb/keys.ts';
import type { ConnectionId, UserId } from '../../lambdas/domain/ids.ts';
import { shardOf } from '../../lambdas/domain/shard.ts';
import { CLOSING, SWEEP } from '../../lambdas/manifest/limits.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { builtInToken } from '../support/foreign-tokens.ts';
import type { NativeClient } from '../support/native-client.ts';
import { openTable } from '../support/operator-table.ts';
import { rest, type Person } from '../support/rest-client.ts';

const MINUTE = 60_000;
/** Two rounds of the sweep: every ring is looked at once in four minutes. */
const TWO_SWEEPS = 2 * SWEEP.rings * MINUTE + MINUTE;

let causeway: Causeway;
let [anna, ben]: Person[] = [];
let room: string;
let watcher: NativeClient;
const open: (NativeClient | Socket)[] = [];

beforeAll(async () => {
  causeway = await startCauseway();
  [anna, ben] = [await causeway.register('anna'), await causeway.register('ben')];
  room = await causeway.createRoom(ben, [anna]);
  watcher = await watch();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map(leave));
  await pass(45_000);
  heard();
});
afterAll(() => causeway?.close());

/** Tokens last an hour, tests may take longer. */
async function connect(person: Person): Promise<NativeClient> {
  const body = { email: person.email, password: `${person.username}-password` };
  const answer = await rest(causeway.urls.origin, { path: '/auth/login', body });
  return causeway.connect({ ...person, token: answer.body.token as string });
}

async function watch(): Promise<NativeClient> {
  const client = await connect(ben!);
  await client.request({ action: 'join', roomId: room });
  await pass(2_000);
  return client;
}

async function native(): Promise<NativeClient> {
  const client = await connect(anna!);
  open.push(client);
  return client;
}

async function socketIo(): Promise<Socket> {
  const { origin } = causeway.urls;
  const socket = io(origin, {
    auth: { token: anna!.token },
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
  });
  open.push(socket);
  await once(socket as never, 'connected');
  return socket;
}

async function leave(client: NativeClient | Socket): Promise<void> {
  if ('disconnect' in client) await hangUp(client);
  else await client.close();
}

async function pass(ms: number): Promise<void> {
  await causeway.quiet();
  await causeway.advance(ms);
  await causeway.quiet();
}

/** What Ben was told of Anna since he was asked last. */
function heard(): readonly boolean[] {
  const told = watcher.frames.filter(
    ({ event, userId }) => event === 'presence.changed' && userId === anna!.id,
  );
  watcher.frames.length = 0;
  return told.map(({ isOnline }) => isOnline as boolean);
}

async function seen(): Promise<Record<string, unknown>> {
  const { body } = await rest(causeway.urls.origin, { path: `/chat/rooms/${room}`, token: ben!.token });
  const found = (body.participants as Record<string, unknown>[]).find(({ id }) => id === anna!.id);
  return { isOnline: found?.['isOnline'], lastSeenAt: found?.['lastSeenAt'] };
}

describe('presence', () => {
  test('is one thing over both protocols: told once by the first session, and once ten seconds after the last', async () => {
    await native();
    await pass(2_000);
    expect(heard()).toEqual([true]);
    expect(await seen()).toMatchObject({ isOnline: true });
    await socketIo();
    await native();
    await pass(2_000);
    expect(heard()).toEqual([]);
    // All of them in the same instant.
    await Promise.all(open.splice(0).map(leave));
    await pass(8_000);
    expect(heard()).toEqual([]);
    expect(await seen()).toMatchObject({ isOnline: true });
    await pass(4_000);
    expect(heard()).toEqual([false]);
    const { isOnline, lastSeenAt } = await seen();
    expect(isOnline).toBe(false);
    expect(Date.parse(lastSeenAt as string)).toBeLessThan(causeway.clock.now());
  });

  test('of a page that is loaded anew nobody hears', async () => {
    await socketIo();
    await pass(20_000);
    expect(heard()).toEqual([true]);
    await Promise.all(open.splice(0).map(leave));
    await pass(5_000);
    await socketIo();
    await pass(60_000);
    expect(heard()).toEqual([]);
  });

  test('heals by itself what crashes left: a mark, a session and a connection of nobody', async () => {
    await native();
    await pass(2_000);
    expect(heard()).toEqual([true]);
    await Promise.all(open.splice(0).map(leave));
    await pass(45_000);
    expect(heard()).toEqual([false]);
    const table = openTable(causeway);
    const put = (Item: Record<string, unknown>) =>
      table.client.send(new PutCommand({ TableName: table.tableName, Item }));
    const [userId, connectionId] = [anna!.id as UserId, 'L0SM9cOFvHcCIhw=' as ConnectionId];
    const connectedAt = causeway.clock.now() - MINUTE;
    const expiresAt = Math.ceil(connectedAt / 1000) + 7_200;
    await put({
      ...key.session(userId, connectionId),
      sessionId: 's',
      dialect: 'native',
      connectedAt,
      expiresAt,
    });
    await put({
      ...key.swept('native', shardOf(connectionId, SWEEP.rings), connectionId),
      u: userId,
      a: connectedAt,
      expiresAt,
    });
    await put({ ...key.swept('online', shardOf(userId, SWEEP.rings), userId), a: connectedAt, w: 'x' });
    await table.client.send(
      new UpdateCommand({
        TableName: table.tableName,
        Key: key.profile(userId),
        UpdateExpression: 'SET p = :p',
        ExpressionAttributeValues: { ':p': { s: 'online', a: connectedAt, w: 'y', m: 'x' } },
      }),
    );
    expect(await seen()).toMatchObject({ isOnline: true });

    await pass(TWO_SWEEPS);

    expect(await seen()).toMatchObject({ isOnline: false });
    const rows = [...(await table.rows()).keys()];
    table.close();
    expect(rows.filter((row) => row.includes(connectionId))).toEqual([]);
    expect(rows.filter((row) => row.startsWith('SWEEP#online') && row.includes(userId))).toEqual([]);
    watcher = await watch();
  });

  test('a native connection is closed before API Gateway cuts it, and nobody hears of its return', async () => {
    const client = await native();
    await pass(2_000);
    expect(heard()).toEqual([true]);
    const ending: number[] = [];
    const token = await builtInToken(causeway, anna!.id, { username: 'anna', lifeSeconds: 3 * 60 * 60 });
    // At once, as a client does: the ten seconds of grace go by in real time, too.
    const back = client.closed.then(({ code }) => {
      ending.push(code);
      return causeway.connect({ ...anna!, token });
    });
    // Nobody is closed before; API Gateway would close the idle, and after two hours everybody.
    for (let at = 0; at < 119 * MINUTE && ending.length === 0;) {
      const step = at < CLOSING.fromSeconds * 1_000 - 5 * MINUTE ? MINUTE : 5_000;
      if (at % MINUTE === 0) for (const each of [client, watcher]) each.send({ action: 'ping' });
      await pass(step);
      at += step;
      if (watcher.socket.readyState !== watcher.socket.OPEN) watcher = await watch();
    }
    expect(ending).toEqual([1000]);
    open.splice(0, 1, await back);
    await pass(MINUTE);
    expect(heard()).toEqual([]);
  });

  test('needs no permission it has not, and uses those it has', () => {
    const { denied, used } = causeway.permissions();
    expect(denied).toEqual([]);
    expect(JSON.stringify(used)).toMatch(/GET\/@connections/);
  });
});
