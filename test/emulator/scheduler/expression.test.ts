import { describe, expect, test } from 'vitest';
import { parseExpression } from '../../../emulator/scheduler/expression.ts';

const at = (text: string) => Date.parse(`${text}Z`);
const times = (expression: string, from: string, count: number) => {
  const { next } = parseExpression(expression);
  const found: string[] = [];
  for (let time = next(at(from)); time !== undefined && found.length < count; time = next(time))
    found.push(new Date(time).toISOString().slice(0, 16));
  return found;
};

describe('a rate', () => {
  test.each([
    ['rate(1 minute)', 60_000],
    ['rate(5 minutes)', 300_000],
    ['rate(1 hour)', 3_600_000],
    ['rate(2 days)', 172_800_000],
  ])('%s', (text, ms) => {
    expect(parseExpression(text).next(1_000)).toBe(1_000 + ms);
  });
});

describe('cron', () => {
  test.each([
    ['every minute', 'cron(* * * * ? *)', '2030-01-01T23:58:30', ['2030-01-01T23:59', '2030-01-02T00:00']],
    ['a time of day', 'cron(15 10 * * ? *)', '2030-01-31T10:15:00', ['2030-02-01T10:15', '2030-02-02T10:15']],
    ['steps', 'cron(0/20 8-9 ? * * *)', '2030-01-01T08:30:00', ['2030-01-01T08:40', '2030-01-01T09:00']],
    [
      'names',
      'cron(0 12 ? JAN,MAR MON-FRI *)',
      '2030-01-31T12:00:00',
      ['2030-03-01T12:00', '2030-03-04T12:00'],
    ],
    [
      'lists and ranges',
      'cron(5,10-12/2 0 1 * ? *)',
      '2030-01-01T00:05:00',
      ['2030-01-01T00:10', '2030-01-01T00:12'],
    ],
    [
      'the 29th of February',
      'cron(0 0 29 2 ? *)',
      '2030-01-01T00:00:00',
      ['2032-02-29T00:00', '2036-02-29T00:00'],
    ],
    ['a year', 'cron(0 0 1 1 ? 2031)', '2030-06-01T00:00:00', ['2031-01-01T00:00']],
  ])('%s', (...[, expression, from, expected]) => {
    expect(times(expression, from, 2)).toEqual(expected);
  });
});

test('at runs once', () => {
  expect(times('at(2030-01-01T12:00:00)', '2030-01-01T00:00:00', 3)).toEqual(['2030-01-01T12:00']);
});

test.each([
  'rate(1 minutes)',
  'rate(5 minute)',
  'rate(0 minutes)',
  'rate(1 second)',
  'every(1 minute)',
  'at(tomorrow)',
  'cron(* * * * *)',
  'cron(60 * * * ? *)',
  'cron(0 0 L * ? *)',
  'cron(0 0 ? * MON#1 *)',
])('%s is refused', (text) => {
  expect(() => parseExpression(text).next(0)).toThrow();
});
