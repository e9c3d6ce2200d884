import { beforeEach, describe, expect, test } from 'vitest';

import type { User } from '../../lambdas/domain/entities.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import { authorize } from '../../lambdas/handlers/native/authorize.ts';
import { serveConnect } from '../../lambdas/handlers/native/connect.ts';
import { serveDisconnect } from '../../lambdas/handlers/native/disconnect.ts';
import { serveMessage } from '../../lambdas/handlers/native/message.ts';
import type { RestDeps } from '../../lambdas/http/deps.ts';
import type { Person } from '../http/rest.ts';
import { createRoom, register } from '../http/rest.ts';
import type { InMemory } from '../support/in-memory.ts';
import { createInMemory } from '../support/in-memory.ts';
import { AT, CONNECTION, authorizerEvent, connectEvent, disconnectEvent, messageEvent } from './events.ts';

const down = () => Promise.reject(new CausewayError('unavailable', 'ThrottlingException from 10.0.0.1'));
const broken = () => Promise.reject(new TypeError('secret'));

let world: InMemory;
let alice: Person;
let roomId: string;
let context: Readonly<Record<string, string>>;

beforeEach(async () => {
  world = createInMemory();
  world.clock.at = AT;
  alice = await register(world, 'alice');
  roomId = await createRoom(world, alice);
  ({ context } = await authorize(
    world.deps,
    authorizerEvent({ queryStringParameters: { token: alice.token } }),
  ));
});

const sessionOf = (deps: RestDeps) =>
  deps.sessions.get({ userId: alice.id as never, connectionId: CONNECTION as ConnectionId });

describe('native-authorizer', () => {
  test('allows the connection and attests who it is, in strings', async () => {
    const event = authorizerEvent({ queryStringParameters: { token: alice.token } });
    const result = await authorize(world.deps, event);
    expect(result).toEqual({
      principalId: alice.id,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }],
      },
      context: {
        userId: alice.id,
        username: 'alice',
        displayName: 'ALICE',
        email: alice.email,
        builtIn: 'true',
        tokenExpiresAt: String((Math.floor(AT / 1000) + 3600) * 1000),
        sessionId: expect.stringMatching(/^[\w-]{22}$/) as string,
      },
    });
  });

  test('leaves out what the token does not say, and stays below 8 KB with everything it may say', async () => {
    const least = await world.deps.issuer.issue({ id: 'u1' as never, username: 'u', createdAt: 0 });
    const user: User = {
      id: 'x'.repeat(128) as never,
      username: '😀'.repeat(300),
      displayName: '😀'.repeat(300),
      email: `${'x'.repeat(300)}@example.com` as never,
      role: '😀'.repeat(300),
      createdAt: 0,
    };
    const most = await world.deps.issuer.issue(user);
    const contextOf = async (token: string) =>
      (await authorize(world.deps, authorizerEvent({ headers: { authorization: `Bearer ${token}` } })))
        .context;
    expect(Object.keys(await contextOf(least)).toSorted()).toEqual([
      'builtIn',
      'sessionId',
      'tokenExpiresAt',
      'userId',
      'username',
    ]);
    expect(Buffer.byteLength(JSON.stringify(await contextOf(most)))).toBeLessThan(8 * 1024);
  });

  test.each<[string, (token: string) => Parameters<typeof authorizerEvent>[0]]>([
    ['the query', (token) => ({ queryStringParameters: { token } })],
    ['the header', (token) => ({ headers: { Authorization: `Bearer ${token}` } })],
    ['the header, written otherwise', (token) => ({ headers: { AUTHORIZATION: `bearer  ${token}` } })],
    ['the subprotocol', (token) => ({ headers: { 'Sec-WebSocket-Protocol': `causeway, ${token}` } })],
    [
      'the subprotocol, without spaces',
      (token) => ({ headers: { 'sec-websocket-protocol': `x,causeway,${token}` } }),
    ],
    [
      'the header when the query is empty',
      (token) => ({ queryStringParameters: { token: '' }, headers: { authorization: `Bearer ${token}` } }),
    ],
  ])('takes the token from %s', async (_place, upgrade) => {
    expect(await authorize(world.deps, authorizerEvent(upgrade(alice.token)))).toMatchObject({
      principalId: alice.id,
    });
  });

  test.each<[string, Parameters<typeof authorizerEvent>[0]]>([
    ['no token', {}],
    ['an empty one', { queryStringParameters: { token: '' } }],
    ['garbage', { queryStringParameters: { token: 'x.y.z' } }],
    ['another scheme', { headers: { Authorization: 'Basic YTpi' } }],
    ['a subprotocol that is not ours', { headers: { 'Sec-WebSocket-Protocol': 'graphql-ws' } }],
    ['our subprotocol without token', { headers: { 'Sec-WebSocket-Protocol': 'causeway' } }],
  ])('refuses %s with the word that makes API Gateway answer 401', async (_what, upgrade) => {
    await expect(authorize(world.deps, authorizerEvent(upgrade))).rejects.toThrow(/^Unauthorized$/);
  });

  test('refuses an expired token alike, and logs no token', async () => {
    world.clock.at += 3600_000 + 31_000;
    const event = authorizerEvent({ queryStringParameters: { token: alice.token } });
    await expect(authorize(world.deps, event)).rejects.toThrow(/^Unauthorized$/);
    expect(world.logs.at(-1)).toMatchObject({ level: 'info', code: 'token_expired' });
    expect(JSON.stringify(world.logs)).not.toContain(alice.token);
  });

  test('a failure of ours is not taken for a bad token', async () => {
    const deps = { ...world.deps, authenticator: { verify: down } };
    await expect(authorize(deps, authorizerEvent())).rejects.toThrow(/^Authorizer failed$/);
    expect(world.logs.at(-1)).toMatchObject({ level: 'error', code: 'unavailable' });
  });
});

describe('native-connect', () => {
  test('notes the session', async () => {
    expect(await serveConnect(world.deps, connectEvent(context))).toEqual({ statusCode: 200 });
    expect(await sessionOf(world.deps)).toMatchObject({
      sessionId: context['sessionId'],
      connectedAt: AT,
      dialect: 'native',
      rooms: [],
    });
  });

  test('echoes our subprotocol, never the token that came with it', async () => {
    const event = connectEvent(context, { 'Sec-WebSocket-Protocol': `causeway, ${alice.token}` });
    expect(await serveConnect(world.deps, event)).toEqual({
      statusCode: 200,
      headers: { 'Sec-WebSocket-Protocol': 'causeway' },
    });
  });

  test('refuses a user of ours who does not exist with 403, and leaves no session', async () => {
    const event = connectEvent({ ...context, userId: '0123456789abcdef01234567' });
    expect(await serveConnect(world.deps, event)).toEqual({ statusCode: 403 });
    expect(await world.deps.sessions.ofUser('0123456789abcdef01234567' as never, AT)).toEqual([]);
  });

  test('makes a profile for a user of another issuer', async () => {
    const event = connectEvent({ ...context, userId: 'auth0|42', builtIn: 'false', role: 'company' });
    expect(await serveConnect(world.deps, event)).toEqual({ statusCode: 200 });
    expect(await world.deps.users.get('auth0|42' as never)).toMatchObject({
      username: 'alice',
      role: 'company',
      createdAt: AT,
    });
  });

  test.each([
    ['503 when AWS is busy', down, 503],
    ['500 for a fault of ours', broken, 500],
  ])('answers %s, and nothing more', async (_what, open, statusCode) => {
    const deps = { ...world.deps, sessions: { ...world.deps.sessions, open } };
    expect(await serveConnect(deps, connectEvent(context))).toEqual({ statusCode });
  });

  test.each([
    ['no authorizer', {}],
    ['a user id that is none', { userId: 'a b' }],
    ['no session id', { sessionId: '' }],
    ['an expiry that is no number', { tokenExpiresAt: 'soon' }],
  ])('answers 500 for an event with %s', async (_what, wrong) => {
    const authorizer = Object.keys(wrong).length === 0 ? {} : { ...context, ...wrong };
    expect(await serveConnect(world.deps, connectEvent(authorizer))).toEqual({ statusCode: 500 });
  });
});

describe('native-message', () => {
  beforeEach(() => serveConnect(world.deps, connectEvent(context)));
  const serve = async (frame: object | string, deps = world.deps) => {
    const body = typeof frame === 'string' ? frame : JSON.stringify(frame);
    const { statusCode, body: answer } = await serveMessage(deps, messageEvent(context, body));
    return { statusCode, frame: answer === undefined ? undefined : (JSON.parse(answer) as unknown) };
  };

  test('answers by the route response', async () => {
    expect(await serve({ action: 'join', roomId, id: '1' })).toEqual({
      statusCode: 200,
      frame: {
        event: 'room.joined',
        id: '1',
        roomId,
        userId: alice.id,
        offset: expect.stringMatching(/^[0-9a-z]{9}-/) as string,
      },
    });
    expect(await serve({ action: 'send', roomId, content: 'hi' })).toMatchObject({
      frame: { event: 'message.created', message: { content: 'hi', createdAt: new Date(AT).toISOString() } },
    });
  });

  test('answers typing only when asked to, and without a body says nothing at all', async () => {
    expect(
      await serveMessage(
        world.deps,
        messageEvent(context, JSON.stringify({ action: 'typing', roomId, isTyping: true })),
      ),
    ).toEqual({ statusCode: 200 });
    expect(await serve({ action: 'typing', roomId, isTyping: true, id: '1' })).toMatchObject({
      frame: { event: 'typing.changed', id: '1' },
    });
    expect(await serve({ action: 'typing', roomId: 'nope', isTyping: true })).toMatchObject({
      frame: { code: 'not_participant' },
    });
  });

  test('the same event delivered twice is one message', async () => {
    const [first, second] = [
      await serve({ action: 'send', roomId, content: 'hi' }),
      await serve({ action: 'send', roomId, content: 'hi' }),
    ];
    expect(second).toEqual(first);
    expect((await world.deps.messages.history(roomId as never, { limit: 10 })).messages).toHaveLength(1);
  });

  test.each([undefined, '', 'hello', '[]', '{"action":"dance","id":"1"}'])(
    '%j is answered with an error frame and 200',
    async (body) => {
      const answer = await serveMessage(world.deps, messageEvent(context, body));
      expect(answer.statusCode).toBe(200);
      expect(JSON.parse(answer.body ?? '')).toMatchObject({ event: 'error' });
    },
  );

  test.each([
    ['unavailable', down],
    ['internal', broken],
  ])('%s is an error frame, not an exception, and says nothing of our insides', async (code, participant) => {
    const deps = { ...world.deps, rooms: { ...world.deps.rooms, participant } };
    const answer = await serve({ action: 'join', roomId, id: '1' }, deps);
    expect(answer).toMatchObject({ statusCode: 200, frame: { event: 'error', code, id: '1' } });
    expect(JSON.stringify(answer)).not.toMatch(/secret|10\.0/);
    expect(world.logs.at(-1)).toMatchObject({
      code,
      requestId: 'BFHPhFe3IAMF95g=',
      connectionId: CONNECTION,
    });
  });

  test.each([{}, { userId: 'u1' }])(
    'a frame of a route deployed without authorizer (%j) is internal',
    async (authorizer) => {
      const answer = await serveMessage(world.deps, messageEvent(authorizer, '{"action":"ping"}'));
      expect(answer.statusCode).toBe(200);
      expect(JSON.parse(answer.body ?? '')).toMatchObject({ code: 'internal' });
    },
  );

  test('an expired token is told first, then the connection is closed; both by the management API', async () => {
    const calls: string[] = [];
    const gateway: RestDeps['gateway'] = {
      post: async (to, frame) => {
        calls.push(`post ${to.connectionId} ${frame}`);
        return Promise.resolve('sent');
      },
      close: async (to) => {
        calls.push(`close ${to.connectionId}`);
        return Promise.resolve();
      },
    };
    const expired = { ...context, tokenExpiresAt: String(AT - 31_000) };
    const answer = await serveMessage(
      { ...world.deps, gateway },
      messageEvent(expired, '{"action":"ping","id":"1"}'),
    );
    expect(answer).toEqual({ statusCode: 200 });
    expect(calls).toEqual([
      `post ${CONNECTION} {"event":"error","id":"1","code":"token_expired","message":"Token expired."}`,
      `close ${CONNECTION}`,
    ]);
  });

  test('if it cannot be closed, that is logged and nothing is thrown', async () => {
    const expired = { ...context, tokenExpiresAt: String(AT - 31_000) };
    const deps = { ...world.deps, gateway: { post: down, close: down } };
    expect(await serveMessage(deps, messageEvent(expired, '{"action":"ping"}'))).toEqual({ statusCode: 200 });
    expect(world.logs.at(-1)).toMatchObject({ level: 'warn' });
  });

  test('logs hold no content and no token', async () => {
    await serve({ action: 'send', roomId, content: 'a secret text' });
    await serve('{"content":"a secret text"');
    expect(JSON.stringify(world.logs)).not.toContain('a secret text');
  });
});

describe('native-disconnect', () => {
  test('forgets the session and its rooms', async () => {
    await serveConnect(world.deps, connectEvent(context));
    await serveMessage(world.deps, messageEvent(context, JSON.stringify({ action: 'join', roomId })));
    expect((await world.deps.members.list(roomId as never, AT)).members).toHaveLength(1);
    expect(await serveDisconnect(world.deps, disconnectEvent(context))).toEqual({ statusCode: 200 });
    expect(await sessionOf(world.deps)).toBeUndefined();
    expect((await world.deps.members.list(roomId as never, AT)).members).toEqual([]);
  });

  test('twice does no harm', async () => {
    for (let n = 0; n < 2; n++)
      expect(await serveDisconnect(world.deps, disconnectEvent(context))).toEqual({ statusCode: 200 });
    expect(world.logs.filter(({ level }) => level === 'error')).toEqual([]);
  });

  test.each([
    ['AWS is busy', () => context, down],
    ['the event has no attestation', () => ({}), down],
  ])('never throws, but logs, when %s', async (_what, authorizer, close) => {
    const deps = { ...world.deps, sessions: { ...world.deps.sessions, close } };
    expect(await serveDisconnect(deps, disconnectEvent(authorizer()))).toEqual({ statusCode: 200 });
    expect(world.logs.at(-1)).toMatchObject({ level: 'error', connectionId: CONNECTION });
  });
});
