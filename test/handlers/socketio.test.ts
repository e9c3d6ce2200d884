import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import type { Bridge } from '../../compat/index.ts';
import { authorize } from '../../lambdas/handlers/socketio/authorize.ts';
import type { HttpEvent } from '../../lambdas/handlers/socketio/events.ts';
import { sendOpen } from '../../lambdas/handlers/socketio/open.ts';
import { servePoll } from '../../lambdas/handlers/socketio/poll.ts';
import { pollRequest, upgradeRequest } from '../../lambdas/handlers/socketio/request.ts';
import { serve } from '../../lambdas/handlers/socketio/serve.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { PostOutcome } from '../../lambdas/ports/gateway.ts';
import { AT, authorizerEvent, CONNECTION, disconnectEvent, messageEvent } from './events.ts';

const log = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
const sid = 'AzEcdyfjWvCwr5t1CAGW';
const edgeKey = '51af3dc0-da77-11e4-872e-1234567db123';

function fakeBridge(parts: Partial<Bridge>): Bridge {
  const absent = () => Promise.reject(new Error('not expected'));
  return {
    admit: absent,
    frame: absent,
    disconnected: absent,
    poll: absent,
    sweep: absent,
    ...parts,
  };
}

describe('$connect', () => {
  const event = authorizerEvent({
    headers: { Origin: 'https://a', 'X-Forwarded-For': '192.0.2.7, 198.51.100.1' },
    queryStringParameters: { EIO: '4', transport: 'websocket', 'a b': 'ä' },
  });

  test('is told what the bridge needs, header names in lower case', () => {
    const request = upgradeRequest(event, edgeKey);
    expect(request).toMatchObject({
      connectionId: CONNECTION,
      query: { EIO: '4', transport: 'websocket', 'a b': 'ä' },
      url: '/socket.io/?EIO=4&transport=websocket&a+b=%C3%A4',
      address: '166.90.225.1',
    });
    expect(request.headers['origin']).toBe('https://a');
  });

  test('through CloudFront the address is the viewer, and the key stays behind', () => {
    const sent = {
      'X-Forwarded-For': '203.0.113.1, 192.0.2.7, 130.176.0.1',
      'X-Causeway-Edge': edgeKey,
    };
    const request = upgradeRequest({ ...event, headers: { ...event.headers, ...sent } }, edgeKey);
    expect(request.address).toBe('192.0.2.7');
    expect(JSON.stringify(request)).not.toContain(edgeKey);
    const forged = { ...event.headers, ...sent, 'X-Causeway-Edge': 'forged' };
    expect(upgradeRequest({ ...event, headers: forged }, edgeKey)).toMatchObject({
      address: '166.90.225.1',
      headers: expect.not.objectContaining({ 'x-causeway-edge': 'forged' }) as object,
    });
  });

  test('of nobody in particular', () => {
    const { headers: _headers, queryStringParameters: _query, ...bare } = event;
    expect(upgradeRequest(bare, edgeKey)).toMatchObject({ query: {}, headers: {}, address: '166.90.225.1' });
    const { connectionId, requestId } = event.requestContext;
    expect(upgradeRequest({ ...bare, requestContext: { connectionId, requestId } }, edgeKey).address).toBe(
      '',
    );
  });

  test('allows with the sid as context, for every event of the connection', async () => {
    const bridge = fakeBridge({ admit: async () => ({ sid: sid as never }) });
    expect(await serve({ bridge, log, edgeKey }, event)).toEqual({
      principalId: CONNECTION,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }],
      },
      context: { sid },
    });
  });

  test.each([
    ['a refusal', async () => ({ refused: { code: 1, message: 'Session ID unknown' } }) as const],
    ['a failure', () => Promise.reject(new Error('no store'))],
  ])('denies after %s', async (_name, admit) => {
    const answer = await authorize({ bridge: fakeBridge({ admit }), log, edgeKey }, event);
    expect(answer.policyDocument.Statement[0].Effect).toBe('Deny');
    expect(answer).not.toHaveProperty('context');
  });
});

describe('frames', () => {
  const began = expect.any(Number) as number;

  test('reach the bridge with the sid that the authorizer gave; the reply is the body', async () => {
    const frame = vi.fn(async () => '3probe');
    expect(
      await serve({ bridge: fakeBridge({ frame }), log, edgeKey }, messageEvent({ sid }, '2probe')),
    ).toEqual({
      statusCode: 200,
      body: '3probe',
    });
    expect(frame).toHaveBeenCalledWith(
      expect.objectContaining({ sid, connectionId: CONNECTION, body: '2probe', at: AT, began }),
    );
    expect(frame).toHaveBeenCalledWith(expect.objectContaining({ requestId: 'BFHPhFe3IAMF95g=' }));
  });

  test('without a reply have no body; without a body or context they are empty', async () => {
    const frame = vi.fn(async () => undefined);
    const { body: _body, ...event } = messageEvent({ sid }, '');
    const { authorizer: _authorizer, ...requestContext } = event.requestContext;
    expect(
      await serve({ bridge: fakeBridge({ frame }), log, edgeKey }, { ...event, requestContext }),
    ).toEqual({
      statusCode: 200,
    });
    expect(frame).toHaveBeenCalledWith(
      expect.objectContaining({ sid: '', connectionId: CONNECTION, body: '', at: AT, began }),
    );
  });

  test('$disconnect', async () => {
    const disconnected = vi.fn(async () => {});
    expect(
      await serve({ bridge: fakeBridge({ disconnected }), log, edgeKey }, disconnectEvent({ sid })),
    ).toEqual({
      statusCode: 200,
    });
    expect(disconnected).toHaveBeenCalledWith({ sid, connectionId: CONNECTION });
  });

  test('never fail', async () => {
    expect(await serve({ bridge: fakeBridge({}), log, edgeKey }, disconnectEvent({ sid }))).toEqual({
      statusCode: 200,
    });
    expect(await serve({ bridge: fakeBridge({}), log, edgeKey }, messageEvent({ sid }, '4'))).toEqual({
      statusCode: 200,
    });
  });
});

describe('polling', () => {
  const event: HttpEvent = {
    rawPath: '/socket.io/',
    rawQueryString: 'EIO=4&transport=polling&x=%26&__proto__=y',
    cookies: ['a=1', 'b=2'],
    headers: { 'User-Agent': 'x', absent: undefined },
    requestContext: { requestId: 'r', timeEpoch: AT, http: { method: 'POST', sourceIp: '192.0.2.9' } },
    body: Buffer.from('4é').toString('base64'),
    isBase64Encoded: true,
  };

  test('a request as the bridge needs it', () => {
    const request = pollRequest(event, edgeKey);
    expect(request).toMatchObject({
      method: 'POST',
      headers: { 'user-agent': 'x', cookie: 'a=1; b=2' },
      url: `/socket.io/?${event.rawQueryString}`,
      address: '192.0.2.9',
      at: AT,
      body: '4é',
    });
    expect(Object.entries(request.query)).toEqual([
      ['EIO', '4'],
      ['transport', 'polling'],
      ['x', '&'],
      ['__proto__', 'y'],
    ]);
  });

  test('through CloudFront the address is the viewer, and the key stays behind', () => {
    const headers = { 'x-forwarded-for': '203.0.113.1, 192.0.2.7, 130.176.0.1', 'x-causeway-edge': edgeKey };
    const request = pollRequest({ ...event, headers }, edgeKey);
    expect(request.address).toBe('192.0.2.7');
    expect(JSON.stringify(request)).not.toContain(edgeKey);
    expect(pollRequest({ ...event, headers }, 'another').address).toBe('192.0.2.9');
  });

  test('a bare request', () => {
    const { body: _body, cookies: _cookies, ...bare } = event;
    const request = pollRequest({ ...bare, rawQueryString: '', headers: {} }, edgeKey);
    expect(request).toMatchObject({ query: {}, url: '/socket.io/', address: '192.0.2.9' });
    expect(request).not.toHaveProperty('body');
    expect(pollRequest({ ...event, body: '4', isBase64Encoded: false }, edgeKey).body).toBe('4');
  });

  test('the answer goes out as it is', async () => {
    const poll = async () => ({ status: 413, headers: { Vary: 'Origin' }, body: '' });
    expect(await servePoll({ bridge: fakeBridge({ poll }), edgeKey }, event)).toEqual({
      statusCode: 413,
      headers: { Vary: 'Origin' },
      body: '',
    });
  });
});

describe('the OPEN packet', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => vi.useRealTimers());
  const event = { connectionId: CONNECTION as ConnectionId, packet: '0{}' };
  const send = async (outcomes: readonly (PostOutcome | Error)[]) => {
    const began = Date.now();
    const times: number[] = [];
    const post = async () => {
      const outcome = outcomes[Math.min(times.length, outcomes.length - 1)] as PostOutcome | Error;
      times.push(Date.now() - began);
      if (outcome instanceof Error) throw outcome;
      return outcome;
    };
    const sent = sendOpen({ gateway: { post, close: async () => {} }, log }, event);
    await vi.runAllTimersAsync();
    await sent;
    return times;
  };

  test('is sent once when the connection is up', async () => {
    expect(await send(['sent'])).toEqual([0]);
  });
  test('is tried again until the connection is up', async () => {
    expect(await send(['gone', new Error('unwell'), 'throttled', 'sent'])).toEqual([0, 10, 25, 50]);
  });
  test('is given up after ten seconds', async () => {
    expect((await send(['gone'])).at(-1)).toBe(10_000);
  });
});
