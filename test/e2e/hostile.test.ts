import { createHmac, generateKeyPairSync, createSign } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { NativeClient, UpgradeRefused, type Frame } from '../support/native-client.ts';
import { rest, type Person } from '../support/rest-client.ts';

/** Of short-token.config.ts. */
const TOKEN_TTL_SECONDS = 600;

let causeway: Causeway;
let alice: Person;
let bob: Person;
let mallory: Person;
let roomId: string;
let watcher: NativeClient;
let attacker: NativeClient;

beforeAll(async () => {
  causeway = await startCauseway();
  [alice, bob, mallory] = await Promise.all([
    causeway.register('alice'),
    causeway.register('bob'),
    causeway.register('mallory'),
  ]);
  roomId = await causeway.createRoom(alice, [bob]);
  watcher = await causeway.connect(bob);
  await watcher.request({ action: 'join', roomId });
  attacker = await causeway.connect(mallory);
});
afterAll(() => causeway.close());

/** After every attack: nothing was stored, nothing was sent to anybody, and the room still works. */
afterEach(async () => {
  await causeway.quiet();
  const history = await rest(causeway.urls.origin, {
    path: `/chat/rooms/${roomId}/messages`,
    token: alice.token,
  });
  expect(history.body.messages).toEqual([]);
  const told = watcher.frames.filter(({ id, event }) => id === undefined && event !== 'presence.changed');
  expect(told).toEqual([]);
  expect(await watcher.request({ action: 'ping' })).toMatchObject({ event: 'pong' });
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const inAnHour = () => Math.floor(Date.now() / 1000) + 3600;
const claims = (over: Record<string, unknown> = {}) => ({
  sub: alice.id,
  username: 'alice',
  iss: 'causeway',
  aud: 'causeway',
  iat: Math.floor(Date.now() / 1000),
  exp: inAnHour(),
  ...over,
});
const hs256 = (payload: unknown, key: string) => {
  const body = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(payload)}`;
  return `${body}.${createHmac('sha256', key).update(body).digest('base64url')}`;
};
const refusedWith = async (token: string | undefined) => {
  const query = token === undefined ? '' : `?token=${encodeURIComponent(token)}`;
  const outcome = await NativeClient.connect(causeway.urls.native + query).then(
    () => 'connected',
    (error: unknown) => error,
  );
  return outcome instanceof UpgradeRefused ? outcome.status : outcome;
};

describe('tokens', () => {
  test('no token is refused with 401', async () => {
    expect(await refusedWith(undefined)).toBe(401);
    expect(await refusedWith('')).toBe(401);
  });

  test('an altered signature and garbage are refused with 401', async () => {
    const [header, payload, signature] = alice.token.split('.') as [string, string, string];
    const flipped = signature[0] === 'A' ? 'B' : 'A';
    expect(await refusedWith(`${header}.${payload}.${flipped}${signature.slice(1)}`)).toBe(401);
    expect(await refusedWith(`${header}.${encode(claims({ sub: bob.id }))}.${signature}`)).toBe(401);
    expect(await refusedWith('not-a-token')).toBe(401);
    expect(await refusedWith(hs256(claims(), 'guessed'))).toBe(401);
  });

  test('alg none is refused, signed or not', async () => {
    const none = encode({ alg: 'none', typ: 'JWT' });
    expect(await refusedWith(`${none}.${encode(claims())}.`)).toBe(401);
    expect(await refusedWith(`${none}.${encode(claims())}.${alice.token.split('.')[2]}`)).toBe(401);
  });

  test('an RS256 token for the HS256 issuer is refused (algorithm confusion)', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const body = `${encode({ alg: 'RS256', typ: 'JWT' })}.${encode(claims())}`;
    const signature = createSign('RSA-SHA256').update(body).sign(privateKey).toString('base64url');
    expect(await refusedWith(`${body}.${signature}`)).toBe(401);
    expect(
      await refusedWith(hs256(claims(), publicKey.export({ type: 'spki', format: 'pem' }).toString())),
    ).toBe(401);
  });

  test('the three places of a token all work, and the subprotocol is echoed', async () => {
    const inHeader = await NativeClient.connect(causeway.urls.native, {
      headers: { authorization: `Bearer ${alice.token}` },
    });
    const inProtocol = await NativeClient.connect(causeway.urls.native, {
      protocols: ['causeway', alice.token],
    });
    expect(inProtocol.socket.protocol).toBe('causeway');
    await Promise.all([inHeader.close(), inProtocol.close()]);
  });
});

describe('frames', () => {
  const answer = async (raw: string): Promise<Frame> => {
    const next = attacker.next('error');
    attacker.raw(raw);
    return next;
  };

  test('what is not a JSON object is answered with invalid_json', async () => {
    for (const raw of ['hello', '{', '[]', '42', 'null', '"send"', '\u0000']) {
      expect(await answer(raw), raw).toMatchObject({ code: 'invalid_json' });
    }
  });

  test('an unknown action is named', async () => {
    for (const action of ['dance', '$connect', '$disconnect', '__proto__', 'toString', '']) {
      expect(await answer(JSON.stringify({ action, id: 'x' })), action).toMatchObject({
        code: 'unknown_action',
        id: 'x',
      });
    }
  });

  test('wrong types name the field', async () => {
    const wrong: [Record<string, unknown>, string][] = [
      [{ action: 'join' }, 'roomId'],
      [{ action: 'join', roomId: 7 }, 'roomId'],
      [{ action: 'send', roomId, content: ['x'] }, 'content'],
      [{ action: 'send', roomId, content: '' }, 'content'],
      [{ action: 'send', roomId, content: 'x', messageType: 'exe' }, 'messageType'],
      [{ action: 'send', roomId, content: 'x', clientMessageId: 'a#b' }, 'clientMessageId'],
      [{ action: 'typing', roomId, isTyping: 'yes' }, 'isTyping'],
      [{ action: 'history', roomId, limit: 101 }, 'limit'],
      [{ action: 'history', roomId, before: '../x' }, 'before'],
      [{ action: 'read', roomId, messageId: 'nope' }, 'messageId'],
    ];
    for (const [frame, field] of wrong) {
      expect(await answer(JSON.stringify(frame)), JSON.stringify(frame)).toMatchObject({
        code: 'invalid_field',
        field,
      });
    }
  });

  test('prototype-polluting keys are refused wherever they stand', async () => {
    for (const raw of [
      `{"action":"send","roomId":"${roomId}","content":"x","__proto__":{"admin":true}}`,
      `{"action":"send","roomId":"${roomId}","content":"x","context":{"a":{"__proto__":{"admin":true}}}}`,
      `{"action":"send","roomId":"${roomId}","content":"x","constructor":{"prototype":{"admin":true}}}`,
    ]) {
      expect(await answer(raw)).toMatchObject({ code: 'invalid_field' });
    }
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
  });

  test('10,001 characters are refused, 10,000 pass the check', async () => {
    expect(
      await answer(JSON.stringify({ action: 'send', roomId, content: 'x'.repeat(10_001) })),
    ).toMatchObject({
      code: 'invalid_field',
      field: 'content',
    });
    expect(
      await answer(JSON.stringify({ action: 'send', roomId, content: 'x'.repeat(10_000) })),
    ).toMatchObject({
      code: 'not_participant',
    });
  });

  test('path-like and separator-bearing room ids are refused before any read', async () => {
    causeway.resetMeter();
    for (const id of ['../../etc/passwd', 'a/b', 'ROOM#1', 'a b', '', 'x'.repeat(129), 'ä', '%2e%2e']) {
      expect(await answer(JSON.stringify({ action: 'join', roomId: id })), id).toMatchObject({
        code: 'invalid_field',
        field: 'roomId',
      });
    }
    await causeway.quiet();
    expect(causeway.meter().total.readUnits).toBe(0);
  });

  test('a room one is not in answers the same as a room that does not exist', async () => {
    for (const action of [
      { action: 'join' },
      { action: 'send', content: 'let me in' },
      { action: 'typing', isTyping: true },
      { action: 'history' },
      { action: 'read', messageId: '01HZY000000000000000000000' },
    ]) {
      const foreign = await attacker.request({ ...action, roomId });
      const missing = await attacker.request({ ...action, roomId: '000000000000000000000000' });
      delete foreign.id;
      delete missing.id;
      expect(foreign).toMatchObject({ event: 'error' });
      if (action.action !== 'read') expect(foreign['code']).toBe('not_participant');
      expect(foreign).toEqual(missing);
    }
  });

  test('a frame of 33 KB closes that socket with 1009, a binary frame with 1003, and nobody else is affected', async () => {
    const [big, binary] = await Promise.all([causeway.connect(mallory), causeway.connect(mallory)]);
    big.raw(JSON.stringify({ action: 'send', roomId, content: 'x'.repeat(33 * 1024) }));
    binary.raw(Buffer.from(JSON.stringify({ action: 'ping' })));
    expect((await big.closed).code).toBe(1009);
    expect((await binary.closed).code).toBe(1003);
  });
});

describe('REST', () => {
  const call = (options: Parameters<typeof rest>[1]) => rest(causeway.urls.origin, options);

  test('enumerating accounts: an unknown address and a wrong password answer alike, then both are throttled alike', async () => {
    const wrong = await call({
      path: '/auth/login',
      body: { email: alice.email, password: 'wrong-password' },
    });
    const unknown = await call({
      path: '/auth/login',
      body: { email: 'nobody@example.com', password: 'wrong-password' },
    });
    expect(wrong.status).toBe(401);
    expect(unknown.status).toBe(wrong.status);
    expect(unknown.body).toEqual(wrong.body);
    for (const email of [bob.email, 'nobody-else@example.com']) {
      const statuses: number[] = [];
      for (let n = 0; n < 7; n++)
        statuses.push((await call({ path: '/auth/login', body: { email, password: 'guess-guess' } })).status);
      expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
    }
  });

  test('a foreign room and a missing room answer alike', async () => {
    for (const path of ['', '/messages']) {
      const foreign = await call({ path: `/chat/rooms/${roomId}${path}`, token: mallory.token });
      const missing = await call({
        path: `/chat/rooms/000000000000000000000000${path}`,
        token: mallory.token,
      });
      expect(foreign.status).toBe(404);
      expect([missing.status, missing.body]).toEqual([foreign.status, foreign.body]);
    }
    const posted = await call({
      path: `/chat/rooms/${roomId}/messages`,
      token: mallory.token,
      body: { content: 'x' },
    });
    expect(posted.status).toBe(404);
  });

  test('no token, a bad token, bad JSON, a bad field and an unknown path each have their documented answer', async () => {
    expect(await call({ path: '/users/me' })).toMatchObject({
      status: 401,
      body: { error: { code: 'token_missing' } },
    });
    expect(await call({ path: '/users/me', token: 'x.y.z' })).toMatchObject({
      status: 401,
      body: { error: { code: 'token_invalid' } },
    });
    expect(await call({ path: '/auth/login', body: '{' })).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_json' } },
    });
    expect(
      await call({ path: '/auth/register', body: { email: 'x', password: 'long enough', username: 'x' } }),
    ).toMatchObject({
      status: 400,
      body: { error: { code: 'invalid_field', field: 'email' } },
    });
    expect(await call({ path: '/api/no/such/path' })).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
    expect(
      await call({
        path: `/chat/rooms/${roomId}/messages`,
        token: alice.token,
        body: `{"content":"x","__proto__":{"a":1}}`,
      }),
    ).toMatchObject({ status: 400, body: { error: { code: 'invalid_field' } } });
  });

  test('an ordinary user cannot notify others, and only owners remove participants', async () => {
    const notified = await call({
      path: '/notifications',
      token: mallory.token,
      body: { userId: alice.id, payload: { hi: 1 } },
    });
    expect(notified).toMatchObject({ status: 403, body: { error: { code: 'forbidden' } } });
    const removed = await call({
      method: 'DELETE',
      path: `/chat/rooms/${roomId}/participants/${alice.id}`,
      token: bob.token,
    });
    expect(removed.status).toBe(403);
  });
});

describe('time', () => {
  test('an expired token is refused at connect, and ends a connection it outlives', async () => {
    // Its own emulator: a clock that was moved cannot be moved back.
    const later = await startCauseway({
      configFile: 'test/fixtures/security/short-token.config.ts',
      idleSeconds: 24 * 60 * 60,
    });
    try {
      const dora = await later.register('dora');
      const client = await later.connect(dora);
      later.clock.advance((TOKEN_TTL_SECONDS + 31) * 1000);
      const refused = await later.connect(dora).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(UpgradeRefused);
      expect((refused as UpgradeRefused).status).toBe(401);
      expect(await client.request({ action: 'ping' })).toMatchObject({
        event: 'error',
        code: 'token_expired',
      });
      expect((await client.closed).code).toBe(1000);
    } finally {
      await later.close();
    }
  });
});
