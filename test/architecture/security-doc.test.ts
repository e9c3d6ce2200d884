import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/** `test/….test.ts › name of the test` */
const PROOF = /`(test\/[^` ]+) › ([^`]+)`/g;

test('every threat of docs/security.md names tests that exist', () => {
  const lines = readFileSync('docs/security.md', 'utf8').split('\n');
  const proofs = lines.flatMap((line) =>
    [...line.matchAll(PROOF)].map(([, file, name]) => ({ file: file!, name: name! })),
  );
  expect(proofs.length).toBeGreaterThan(30);
  const missing = proofs.filter(({ file, name }) => !existsSync(file) || !namesOf(file).includes(name));
  expect(missing).toEqual([]);
});

test('every row of its tables has one', () => {
  const rows = readFileSync('docs/security.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !/^\| (threat|---)/.test(line));
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter((row) => row.match(PROOF) === null)).toEqual([]);
});

function namesOf(file: string): readonly string[] {
  const source = readFileSync(file, 'utf8');
  return [...source.matchAll(/\b(?:test|it)(?:\.\w+)?\(\s*(['"`])(.*?)\1,/gs)].map(([, , name]) => name!);
}
