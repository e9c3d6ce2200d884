import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { MISTAKES, type Catcher } from './mistakes.ts';

const ROOT = join(import.meta.dirname, '../..');

test('all twenty mistakes are there, each with a test', () => {
  expect(MISTAKES.map(({ number }) => number)).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  for (const { caughtBy } of MISTAKES) expect(caughtBy.length).toBeGreaterThan(0);
});

test.each(MISTAKES)('mistake $number: the tests that would catch it are there', ({ caughtBy }) => {
  expect(caughtBy.filter((catcher) => !isThere(catcher))).toEqual([]);
});

test('a test that is not there, or skipped, is missed', () => {
  const source = "it('one', f); it.skip('two', f); it.each([1])('three %s', f); const four = ['four'];";
  expect(['one', 'two', 'three %s', 'four', 'on'].filter((title) => declares(source, title))).toEqual([
    'one',
    'three %s',
  ]);
});

function isThere({ file, title }: Catcher): boolean {
  return declares(readFileSync(join(ROOT, file), 'utf8'), title);
}

/** Whether the title is the first argument of a call that is not skipped: `test(`, or the end of a `test.each(…)(`. */
function declares(source: string, title: string): boolean {
  const name = title.replaceAll(/[\^$\\.*+?()[\]{}|]/g, String.raw`\$&`);
  const call = String.raw`(?:\b(?:it|test)|\))\(\s*`;
  return new RegExp(`${call}(['"\`])${name}\\1,`).test(source);
}
