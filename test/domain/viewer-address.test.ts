import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { viewerAddress, withoutEdgeKey } from '../../lambdas/domain/viewer-address.ts';

const KEY = '51af3dc0-da77-11e4-872e-1234567db123';
const EDGE = '130.176.0.1';
const VIEWER = '198.51.100.7';

const address = (headers: Record<string, string>, options: { sourceIp?: string; edgeKey?: string } = {}) =>
  viewerAddress({ headers, sourceIp: EDGE, edgeKey: KEY, ...options });
const viaEdge = (forwardedFor: string) =>
  address({ 'x-causeway-edge': KEY, 'x-forwarded-for': forwardedFor });

describe('through CloudFront', () => {
  test('the viewer is whom CloudFront saw', () => {
    expect(viaEdge(`${VIEWER}, ${EDGE}`)).toBe(VIEWER);
    expect(viaEdge(`${VIEWER},${EDGE}`)).toBe(VIEWER);
    expect(viaEdge(`2001:db8::7, ${EDGE}`)).toBe('2001:db8::7');
  });

  test('what a viewer claims is never believed', () => {
    const claims = fc.array(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), { minLength: 1 });
    fc.assert(
      fc.property(claims, (claimed) => {
        expect(viaEdge(`${claimed.join(', ')}, ${VIEWER}, ${EDGE}`)).toBe(VIEWER);
      }),
    );
  });

  test.each(['', EDGE, ` , ${EDGE}`])('a list without a viewer (%j) leaves the source', (list) => {
    expect(viaEdge(list)).toBe(EDGE);
  });

  test('no list leaves the source', () => {
    expect(address({ 'x-causeway-edge': KEY })).toBe(EDGE);
  });
});

describe('at the API itself', () => {
  const forged = `203.0.113.1, ${VIEWER}`;
  test.each([
    ['no key', undefined],
    ['an empty key', ''],
    ['another key', '51af3dc0-da77-11e4-872e-1234567db124'],
    ['a key too short', KEY.slice(0, -1)],
    ['a key too long', `${KEY}0`],
    ['the key twice', `${KEY}, ${KEY}`],
  ])('with %s only the source is believed', (_name, key) => {
    const headers = { 'x-forwarded-for': forged, ...(key === undefined ? {} : { 'x-causeway-edge': key }) };
    expect(address(headers, { sourceIp: VIEWER })).toBe(VIEWER);
  });

  test('a deployment without a key believes nobody', () => {
    const headers = { 'x-forwarded-for': forged, 'x-causeway-edge': '' };
    expect(address(headers, { sourceIp: VIEWER, edgeKey: '' })).toBe(VIEWER);
  });

  test('without a source there is no address', () => {
    expect(viewerAddress({ headers: {}, sourceIp: undefined, edgeKey: KEY })).toBeUndefined();
  });
});

test('nobody behind this sees the key, whoever sent it', () => {
  expect(withoutEdgeKey({ host: 'a', 'x-causeway-edge': KEY })).toEqual({ host: 'a' });
});
