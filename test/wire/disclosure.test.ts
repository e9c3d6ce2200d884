import { expect, test } from 'vitest';

import { CausewayError } from '../../lambdas/domain/errors.ts';
import { DISCLOSURE, describeError } from '../../lambdas/wire/json/disclosure.ts';

test('a CausewayError says what it was made to say', () => {
  const error = new CausewayError('rate_limited', 'Slow down.', {
    retryAfterSeconds: 9,
    cause: new Error('inner'),
  });
  expect(describeError(error)).toEqual({ code: 'rate_limited', message: 'Slow down.', retryAfterSeconds: 9 });
  expect(describeError(new CausewayError('invalid_field', 'No.', { field: 'x' }))).toEqual({
    code: 'invalid_field',
    message: 'No.',
    field: 'x',
  });
});

test.each([new Error('secret'), 'secret', undefined, null, { code: 'forbidden', message: 'secret' }])(
  'anything else (%j) is internal and says nothing about itself',
  (thrown) => {
    expect(describeError(thrown)).toEqual({ code: 'internal', message: DISCLOSURE.internal.message.text });
  },
);

test('only an expired token closes the connection', () => {
  const closing = Object.entries(DISCLOSURE).filter(([, rule]) => rule.closes);
  expect(closing.map(([code]) => code)).toEqual(['token_expired']);
});
