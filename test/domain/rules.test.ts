import { describe, expect, test } from 'vitest';

import { ERROR_RULES } from '../../lambdas/domain/error-rules.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import { senderOf, userOf } from '../../lambdas/domain/identity.ts';
import type { Email } from '../../lambdas/domain/ids.ts';
import { fail, ok } from '../../lambdas/domain/result.ts';
import { mayModerate, mayNotify } from '../../lambdas/domain/roles.ts';
import { isTokenExpired } from '../../lambdas/domain/token-expiry.ts';
import { identity, NOW } from '../support/fakes/world.ts';

test('only what may succeed later is worth a retry', () => {
  const retryable = Object.entries(ERROR_RULES).filter(([, rule]) => rule.retryable);
  expect(retryable.map(([code]) => code)).toEqual(['rate_limited', 'unavailable']);
});

test('a token lives 30 seconds longer than it says, and not a millisecond more', () => {
  expect(isTokenExpired(NOW, NOW - 1)).toBe(false);
  expect(isTokenExpired(NOW, NOW + 30_000)).toBe(false);
  expect(isTokenExpired(NOW, NOW + 30_001)).toBe(true);
  expect(isTokenExpired(Number.POSITIVE_INFINITY, NOW)).toBe(false);
});

test.each([
  ['admin', true, true],
  ['service', true, false],
  ['company', false, false],
  ['Admin', false, false],
  ['constructor', false, false],
  [undefined, false, false],
])('the role %s may notify: %s, may moderate: %s', (role, notifies, moderates) => {
  expect(mayNotify(role)).toBe(notifies);
  expect(mayModerate(role)).toBe(moderates);
});

describe('an identity', () => {
  const full = identity('anna', { email: 'a@example.com' as Email, displayName: 'Anna', role: 'admin' });

  test('makes a sender without its role and expiry', () => {
    expect(senderOf(full)).toStrictEqual({
      id: full.userId,
      username: 'anna',
      email: 'a@example.com',
      displayName: 'Anna',
    });
    expect(senderOf(identity('ben'))).toStrictEqual({ id: 'user-ben', username: 'ben' });
  });

  test('makes a profile with its role', () => {
    expect(userOf(full, NOW)).toStrictEqual({ ...senderOf(full), role: 'admin', createdAt: NOW });
    expect(userOf(identity('ben'), NOW)).toStrictEqual({ id: 'user-ben', username: 'ben', createdAt: NOW });
  });
});

describe('an error', () => {
  test('carries what a client may know, and the cause for the log', () => {
    const cause = new Error('internal text');
    const error = new CausewayError('rate_limited', 'Slow down.', {
      field: 'x',
      retryAfterSeconds: 3,
      cause,
    });
    expect(error).toMatchObject({
      code: 'rate_limited',
      message: 'Slow down.',
      field: 'x',
      retryAfterSeconds: 3,
      cause,
    });
  });

  test('says nothing about a field, a time or a cause that it was not given', () => {
    const error = new CausewayError('internal', 'x');
    expect([error.field, error.retryAfterSeconds, 'cause' in error]).toEqual([undefined, undefined, false]);
  });
});

test('results say which they are', () => {
  expect([ok(1), fail('no')]).toEqual([
    { ok: true, value: 1 },
    { ok: false, error: 'no' },
  ]);
});
