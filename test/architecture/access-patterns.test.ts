/** docs/data-model.md and keys.ts list the same access patterns, and each one is cited where it is sent. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ACCESS_PATTERNS } from '../../lambdas/adapters/dynamodb/keys.ts';

const ROOT = new URL('../../', import.meta.url);
const ADAPTER = new URL('lambdas/adapters/dynamodb/', ROOT);

const coded = new Map(Object.entries(ACCESS_PATTERNS));

function documented(): Map<string, readonly string[]> {
  const text = readFileSync(new URL('docs/data-model.md', ROOT), 'utf8');
  const rows = text.split('\n').filter((line) => /^\| AP-\d\d \|/.test(line));
  return new Map(
    rows.map((row) => {
      const [, number = '', who = '', operation = '', key = ''] = row.split('|').map((cell) => cell.trim());
      return [number, [who, operation, key.replaceAll('`', '')]];
    }),
  );
}

const files = readdirSync(ADAPTER, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.ts'),
);

describe('access patterns', () => {
  test('the table in docs/data-model.md equals ACCESS_PATTERNS', () => {
    expect(coded.size).toBeGreaterThan(0);
    expect(Object.fromEntries(documented())).toEqual(Object.fromEntries(coded));
  });

  test('are numbered without gaps', () => {
    expect([...coded.keys()]).toEqual(
      [...coded.keys()].map((_, n) => `AP-${String(n + 1).padStart(2, '0')}`),
    );
  });

  test('each is cited by the store that sends it, and stores cite no others', () => {
    const sources = files
      .filter((file) => file !== 'keys.ts')
      .map((file) => readFileSync(new URL(file, ADAPTER), 'utf8'));
    const cited = new Set(sources.flatMap((source) => source.match(/AP-\d\d/g) ?? []));
    expect([...cited].toSorted()).toEqual([...coded.keys()]);
  });

  test('no store sends an operation that the design rules out', () => {
    const forbidden =
      /Scan|TransactWrite|TransactGet|ExecuteStatement|IndexName|ReturnValuesOnConditionCheckFailure/;
    for (const file of files) {
      const code = readFileSync(new URL(file, ADAPTER), 'utf8').replaceAll('ScanIndexForward', '');
      expect(code, file).not.toMatch(forbidden);
    }
  });
});
