import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { address } from '../conformance/support/address.ts';
import { ask, Polling, SEPARATOR } from '../conformance/support/polling.ts';
import { Wire } from '../conformance/support/wire.ts';
import { Actor } from '../differential/actor.ts';
import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';

const UNKNOWN_SID = { status: 400, body: '{"code":1,"message":"Session ID unknown"}' };

let causeway: Causeway;
let url: string;
/** Somebody on each transport who must not notice anything. */
let alice: Actor;
let bob: Actor;
let told = 0;

beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'test/fixtures/socketio/differential.config.ts' });
  url = causeway.urls.origin;
  alice = Actor.open(url, 'alice', { nsp: '/rooms', transports: ['websocket'] });
  bob = Actor.open(url, 'bob', { nsp: '/rooms', transports: ['polling'] });
  for (const actor of [alice, bob]) {
    await actor.sees('connect');
    await actor.ask('join', 'red');
  }
});
afterAll(() => causeway.close());

/** After every attack: both are connected, get what they should and nothing else, and no function has failed. */
afterEach(async () => {
  const text = `after attack ${++told}`;
  await alice.ask('in', ['red'], text);
  for (const actor of [alice, bob]) {
    await actor.sees('event', 'news');
    expect(actor.socket.connected).toBe(true);
    const events = actor.entries.filter(([kind]) => kind !== 'ack' && kind !== 'connect');
    expect(events).toEqual(
      Array.from({ length: told }, (_, n) => ['event', 'news', [`after attack ${n + 1}`]]),
    );
  }
  expect(causeway.logs.filter(({ level }) => level === 'error')).toEqual([]);
  expect(causeway.permissions().denied).toEqual([]);
});

describe('sids', () => {
  test('a sid that is wrong by one character opens nothing', async () => {
    const { sid } = await Polling.session(url);
    const wrong = (sid.startsWith('A') ? 'B' : 'A') + sid.slice(1);
    for (const guess of [
      wrong,
      sid.slice(0, -1),
      `${sid}A`,
      sid.toLowerCase(),
      '',
      '#',
      `${sid}#`,
      '__proto__',
    ]) {
      if (guess === sid || guess === '') continue;
      expect(await ask(address(url, 'polling', { sid: guess })), guess).toMatchObject(UNKNOWN_SID);
      expect(
        await ask(address(url, 'polling', { sid: guess }), { method: 'POST', body: '40' }),
        guess,
      ).toMatchObject(UNKNOWN_SID);
      const wire = new Wire(address(url, 'websocket', { sid: guess }));
      await wire.ended();
      expect(wire.frames, guess).toEqual([]);
    }
  });

  test('the public id of somebody else is no sid', async () => {
    const sid = alice.socket.id!;
    expect(await ask(address(url, 'polling', { sid }))).toMatchObject(UNKNOWN_SID);
  });

  test('a sid is worth nothing once its session has ended', async () => {
    const session = await Polling.session(url);
    await session.post('1');
    expect(await session.get()).toMatchObject(UNKNOWN_SID);
    expect(await session.post('40/rooms,')).toMatchObject(UNKNOWN_SID);
    const wire = new Wire(session.upgrade);
    await wire.ended();
    expect(await wire.status).toBe(403);
  });

  test('another one’s ids in auth recover nothing', async () => {
    const id = alice.socket.id!;
    for (const pid of [id, `${id}~`, `${id}~${'A'.repeat(20)}`, '/rooms|x', '__proto__', 7, null, { a: 1 }]) {
      const wire = await Wire.session(url);
      wire.send(`40/rooms,${JSON.stringify({ pid, offset: '-' })}`);
      const answer = String(await wire.next());
      expect(answer).toMatch(/^40\/rooms,\{"sid":/);
      expect(answer).not.toContain(id);
      wire.send('42/rooms,0["rooms"]');
      expect(await wire.next()).toBe('43/rooms,0[["own id"]]');
      await wire.close();
    }
  });
});

describe('requests', () => {
  test('two GETs at once end their session and no other', async () => {
    const session = await Polling.session(url);
    const first = session.get();
    await new Promise((resolve) => setTimeout(resolve, 20)); // so that it is the first one
    const second = await session.get();
    expect([second.status, (await first).body]).toEqual([400, '1']);
    expect(await session.get()).toMatchObject(UNKNOWN_SID);
  });

  test('ten GETs and ten POSTs at once are answered, and the session ends', async () => {
    const session = await Polling.session(url);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? session.get() : session.post('3'))),
    );
    for (const { status, body } of answers) {
      expect([200, 400]).toContain(status);
      expect(body).not.toContain('Internal');
    }
    await session.ended();
  });

  test('a POST of 2 MB is 413, one of 20 MB is refused by API Gateway, and the session lives', async () => {
    const session = await Polling.session(url);
    expect(await session.post('4'.repeat(2_000_000))).toMatchObject({ status: 413, body: '' });
    expect((await session.post('4'.repeat(20_000_000))).status).toBe(413);
    await session.send('40/rooms,');
    expect(await session.next()).toMatch(/^40\/rooms,/);
  });

  test('a payload of 10,000 packets is handled or refused, not choked on', async () => {
    const session = await Polling.session(url);
    await session.send('40/rooms,');
    await session.next();
    const { status } = await session.post(Array.from({ length: 10_000 }, () => '3').join(SEPARATOR));
    expect([200, 400, 413]).toContain(status);
  });

  test('strange methods, headers and queries', async () => {
    for (const [query, init] of [
      ['EIO=4&EIO=4&transport=polling&transport=websocket', {}],
      ['EIO=4&transport=polling&sid=a&sid=b', {}],
      ['EIO[]=4&transport[x]=polling', {}],
      ['%EIO=4&transport=%E0%A4%A', {}],
      ['EIO=4&transport=polling&j=0', {}],
      [`EIO=4&transport=polling&x=${'y'.repeat(4_000)}`, {}],
      ['EIO=4&transport=polling', { headers: { origin: '\u007F' } }],
      ['EIO=4&transport=polling', { method: 'OPTIONS' }],
      ['EIO=4&transport=polling', { method: 'POST', body: '40' }],
      ['__proto__=1&constructor=2&EIO=4&transport=polling', {}],
    ] as [string, RequestInit][]) {
      const answer = await ask(`${url}/socket.io/?${query}`, init).catch((error: unknown) => ({
        status: 400, // refused by the client itself
        body: String(error),
      }));
      expect(answer.status, query).toBeLessThan(500);
    }
  });
});

describe('frames', () => {
  const MALFORMED = [
    'abc',
    '',
    '4',
    '40[',
    '40{"a":',
    '42',
    '42[]',
    '42{}',
    '42[null]',
    '42["connect"]',
    '42["disconnecting",1]',
    '45',
    '451-',
    '451-["a",{"_placeholder":true,"num":9}]',
    '4599999999999-["a"]',
    '46',
    '461-7[{"_placeholder":true,"num":0}]',
    '47',
    '43',
    '43[]',
    '4399999999999999999999[]',
    '44',
    '42/rooms',
    '42/rooms,99999999999999999999["rooms"]',
    'b',
    'b!!!!',
    'bAQID',
    '2probe',
    '3probe',
    '3',
    '5',
    '6',
    '1',
    '0',
    '0{"sid":"mine"}',
    '{"action":"send"}',
    '{"message": "Internal server error"}',
    `42["${'a'.repeat(30_000)}"]`,
    `42[${'['.repeat(5_000)}${']'.repeat(5_000)}]`,
    '\u0000',
    '4\uD800',
  ];

  test.each([false, true])(
    'malformed ones end their session or are ignored (after CONNECT: %s)',
    async (connect) => {
      for (const frame of MALFORMED) {
        const wire = await Wire.session(url);
        if (connect) {
          wire.send('40/rooms,');
          await wire.next();
        }
        wire.send(frame);
        wire.send('40/state,', '42/state,7["fence"]');
        await Promise.race([wire.closed, wire.next()]);
        expect(wire.frames.join('\n'), frame).not.toContain('Internal server error"');
        await wire.close();
      }
    },
  );

  test('a thousand unknown namespaces are refused one by one', async () => {
    const session = await Polling.session(url);
    const at = 50;
    for (let n = 0; n < 1_000; n += at) {
      await session.send(...Array.from({ length: at }, (_, k) => `40/nowhere-${n + k},`));
      expect(await session.take(at)).toEqual(
        Array.from({ length: at }, (_, k) => `44/nowhere-${n + k},{"message":"Invalid namespace"}`),
      );
    }
  });

  test('a thousand namespaces that are there: as many as a session may have, then it ends', async () => {
    const session = await Polling.session(url);
    const joined = async (n: number) => {
      await session.send(`40/dynamic-${n},`);
      expect((await session.take(2))[0]).toMatch(/^40/);
    };
    for (let n = 0; n < SOCKETIO_SESSION.namespaces; n++) await joined(n);
    await session.send(`40/dynamic-one-too-many,`);
    await session.ended();
    const other = await Polling.session(url);
    await other.post(Array.from({ length: 1_000 }, (_, n) => `40/dynamic-${n},`).join(SEPARATOR));
    const outcome = await other.take(2 * SOCKETIO_SESSION.namespaces + 1).catch((error: unknown) => error);
    expect(outcome).toBeInstanceOf(Error);
  });

  test('who never sends CONNECT is closed', async () => {
    const wire = await Wire.session(url);
    const session = await Polling.session(url);
    await Promise.all([wire.ended(), session.ended()]);
  });

  test('a connection whose session is not in the table is closed at its first frame', async () => {
    const wire = await Wire.session(url);
    const { sid } = JSON.parse(String(wire.frames[0]).slice(1)) as { sid: string };
    await deleteSession(sid);
    wire.send('42/rooms,["rooms"]');
    await wire.ended();
  });

  test('a WebSocket for the session of another WebSocket is refused and changes nothing', async () => {
    const wire = await Wire.session(url);
    const { sid } = JSON.parse(String(wire.frames[0]).slice(1)) as { sid: string };
    const thief = new Wire(address(url, 'websocket', { sid }));
    await thief.ended();
    expect(thief.frames).toEqual([]);
    wire.send('40/rooms,');
    expect(await wire.next()).toMatch(/^40\/rooms,/);
  });

  test('only one of two WebSockets that probe gets the session', async () => {
    const session = await Polling.session(url);
    await session.send('40/rooms,');
    await session.next();
    const first = await Wire.opened(session.upgrade);
    const second = new Wire(session.upgrade);
    for (const wire of [first, second]) wire.socket.on('open', () => wire.send('2probe', '5'));
    first.send('2probe', '5');
    const outcomes = await Promise.all(
      [first, second].map(async (wire) => {
        const answered = await Promise.race([wire.closed.then(() => false), wire.next().then(() => true)]);
        if (!answered) return false;
        wire.send('42/rooms,1["rooms"]');
        return Promise.race([wire.closed.then(() => false), wire.next().then(() => true)]);
      }),
    );
    expect(outcomes.filter(Boolean).length).toBeLessThanOrEqual(1);
  });
});

/** As if its time to live had run out. */
async function deleteSession(sid: string): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: causeway.awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
  });
  const { Attributes } = await DynamoDBDocumentClient.from(client).send(
    new DeleteCommand({
      TableName: causeway.outputs['TableName'],
      Key: { pk: `SIO#${sid[0]}`, sk: sid },
      ReturnValues: 'ALL_OLD',
    }),
  );
  client.destroy();
  expect(Attributes).toBeDefined();
}
