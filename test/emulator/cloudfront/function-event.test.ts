import { describe, expect, test } from 'vitest';
import {
  changedRequest,
  functionEvent,
  generatedResponse,
  InvalidResult,
} from '../../../emulator/cloudfront/function-event.ts';
import type { ViewerRequest } from '../../../emulator/cloudfront/viewer-request.ts';

const REQUEST: ViewerRequest = {
  method: 'GET',
  uri: '/a%20b',
  query: 'one=1&two=2&one=3&empty&enc=%3D',
  headers: [
    ['Host', 'bell.example'],
    ['Accept', 'a'],
    ['accept', 'b'],
    ['Cookie', 'sid=1; x=y=z'],
    ['Connection', 'Upgrade'],
    ['Upgrade', 'websocket'],
    ['X-Forwarded-Proto', 'http'],
  ],
  ip: '192.0.2.1',
  httpVersion: '1.1',
};
const CONTEXT = { distributionDomainName: 'd1.cloudfront.net', distributionId: 'E1', requestId: 'r' };

interface Loose {
  method: string;
  uri: string;
  querystring: Record<string, unknown>;
  headers: Record<string, unknown>;
  cookies: Record<string, unknown>;
}
const object = () => JSON.parse(JSON.stringify(functionEvent(REQUEST, CONTEXT)['request'])) as Loose;
const changed = (change: (request: Loose) => void) => {
  const request = object();
  change(request);
  return changedRequest(REQUEST, request as never);
};

test('the event shows the request as AWS documents it', () => {
  expect(functionEvent(REQUEST, CONTEXT)).toEqual({
    version: '1.0',
    context: { ...CONTEXT, eventType: 'viewer-request' },
    viewer: { ip: '192.0.2.1' },
    request: {
      method: 'GET',
      uri: '/a%20b',
      rawQueryString: REQUEST.query,
      querystring: {
        one: { value: '1', multiValue: [{ value: '1' }, { value: '3' }] },
        two: { value: '2' },
        empty: { value: '' },
        enc: { value: '%3D' },
      },
      headers: {
        host: { value: 'bell.example' },
        accept: { value: 'a', multiValue: [{ value: 'a' }, { value: 'b' }] },
      },
      cookies: { sid: { value: '1' }, x: { value: 'y=z' } },
    },
  });
});

describe('the request that a function returns', () => {
  test('unchanged keeps its query and the headers functions do not see', () => {
    const { query, uri, headers } = changed(() => {});
    expect([query, uri]).toEqual([REQUEST.query, REQUEST.uri]);
    expect(headers).toEqual([
      ['Connection', 'Upgrade'],
      ['Upgrade', 'websocket'],
      ['X-Forwarded-Proto', 'http'],
      ['Host', 'bell.example'],
      ['Accept', 'a'],
      ['Accept', 'b'],
      ['Cookie', 'sid=1; x=y=z'],
    ]);
  });

  test('with another query is put together anew', () => {
    const { query } = changed((request) => {
      delete request.querystring['two'];
      request.querystring['new'] = { value: 'x' };
    });
    expect(query).toBe('one=1&one=3&empty=&enc=%3D&new=x');
  });

  test('multiValue wins over value when it was changed; else value changes the first', () => {
    const accepted = (value: object) =>
      changed(({ headers }) => (headers['accept'] = value)).headers.filter(([name]) => name === 'Accept');
    const multiValue = [{ value: 'a' }, { value: 'b' }];
    expect(accepted({ value: 'x', multiValue })).toEqual([
      ['Accept', 'x'],
      ['Accept', 'b'],
    ]);
    expect(accepted({ value: 'x', multiValue: [{ value: 'c' }] })).toEqual([['Accept', 'c']]);
  });

  test.each<[string, (request: Loose) => void]>([
    ['another method', (request) => (request.method = 'PUT')],
    ['a uri without slash', (request) => (request.uri = 'a')],
    ['a uri with a space', (request) => (request.uri = '/a b')],
    ['a query with a fragment', ({ querystring }) => (querystring['a'] = { value: '#' })],
    ['a header name in capitals', ({ headers }) => (headers['X-A'] = { value: '1' })],
    ['a disallowed header', ({ headers }) => (headers['upgrade'] = { value: 'h2c' })],
    ['a changed read-only header', ({ headers }) => (headers['host'] = { value: 'other' })],
    ['an added read-only header', ({ headers }) => (headers['via'] = { value: '1' })],
    ['a header without a value', ({ headers }) => (headers['x-a'] = {})],
  ])('with %s is invalid', (_what, change) => {
    expect(() => changed(change)).toThrow(InvalidResult);
  });
});

describe('the response that a function returns', () => {
  test('has headers, cookies and a body', () => {
    const answer = generatedResponse({
      statusCode: 302,
      headers: {
        location: { value: '/b' },
        'x-many': { value: '1', multiValue: [{ value: '1' }, { value: '2' }] },
      },
      cookies: { sid: { value: '1', attributes: 'Secure; Path=/' }, plain: { value: '2' } },
      body: { encoding: 'base64', data: 'aGk=' },
    });
    expect(answer).toEqual({
      status: 302,
      headers: [
        ['Location', '/b'],
        ['X-Many', '1'],
        ['X-Many', '2'],
        ['Set-Cookie', 'sid=1; Secure; Path=/'],
        ['Set-Cookie', 'plain=2'],
      ],
      body: Buffer.from('hi'),
    });
  });

  test('is none when there is no statusCode', () => {
    expect(generatedResponse({ uri: '/' })).toBeUndefined();
  });

  test.each([
    undefined,
    'text',
    { statusCode: '200' },
    { statusCode: 99 },
    { statusCode: 200, body: { encoding: 'gzip', data: '' } },
    { statusCode: 200, headers: { 'x-cache': { value: 'Hit' } } },
  ])('%j is invalid', (result) => {
    expect(() => generatedResponse(result)).toThrow(InvalidResult);
  });
});
