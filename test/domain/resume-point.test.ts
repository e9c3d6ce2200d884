import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { offsetAt } from '../../lambdas/domain/offset.ts';
import { againPoint, pagePoint, parseResumePoint } from '../../lambdas/domain/resume-point.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);
const instants = fc.integer({ min: 0, max: NOW * 2 });

describe('where to resume from', () => {
  test('what the server says comes back as it was meant', () => {
    fc.assert(
      fc.property(instants, instants, (at, began) => {
        const offset = offsetAt(at);
        expect(parseResumePoint(offset)).toEqual({ kind: 'offset', at });
        expect(parseResumePoint(pagePoint(offset, began))).toEqual({ kind: 'page', at, offset, began });
        expect(parseResumePoint(pagePoint(offset, undefined))).toEqual({ kind: 'page', at, offset });
        expect(parseResumePoint(againPoint(began))).toEqual({ kind: 'again', began });
      }),
    );
  });

  test.each([
    '',
    '.',
    'x',
    '.x',
    `${offsetAt(NOW)}.x`,
    `${offsetAt(NOW)}..`,
    `.${offsetAt(NOW)}`,
    `${offsetAt(NOW)}\n`,
  ])('anything else is nothing: %j', (text) => {
    expect(parseResumePoint(text)).toBeUndefined();
  });

  test('no text makes it fail', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseResumePoint(text)));
  });
});
