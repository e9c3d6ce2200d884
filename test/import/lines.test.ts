import { writeFileSync } from 'node:fs';

import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';

import { LINE_BYTES, readBatches, type Line, type Place } from '../../bin/import/lines.ts';
import { createFolder } from './support/files.ts';

const folder = createFolder();
const file = folder.path('lines.ndjson');
const BEGINNING: Place = { offset: 0, line: 0 };

afterAll(folder.remove);

test('the lines of any text are those that splitting it gives, and each end is a place to go on from', async () => {
  const piece = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constant('\n'), fc.constant('\r\n'));
  await fc.assert(
    fc.asyncProperty(fc.array(piece), fc.nat(), async (pieces, at) => {
      const text = pieces.join('');
      writeFileSync(file, text);
      const lines = await read(BEGINNING);
      const expected = text.split('\n').flatMap((line, index) => (isBlank(line) ? [] : [[index + 1, line]]));
      expect(lines.map(({ number, bytes }) => [number, bytes?.toString()])).toEqual(expected);
      if (lines.length === 0) return;
      const stop = lines[at % lines.length]!;
      const rest = await read({ offset: stop.end, line: stop.number });
      expect(rest).toEqual(lines.slice((at % lines.length) + 1));
    }),
    { numRuns: 60 },
  );
});

test('lines longer than a chunk are whole, and those above the limit are skipped without being kept', async () => {
  const long = 'x'.repeat(LINE_BYTES);
  writeFileSync(file, `a\n${long}\n${long}y\n${long}yz${long}\nb`);
  const lines = await read(BEGINNING);
  expect(lines.map(({ number, bytes }) => [number, bytes?.length])).toEqual([
    [1, 1],
    [2, LINE_BYTES],
    [3, undefined],
    [4, undefined],
    [5, 1],
  ]);
});

test('a batch is bounded by its lines and by its bytes', async () => {
  writeFileSync(file, 'x\n'.repeat(250) + `${'y'.repeat(LINE_BYTES / 2)}\n`.repeat(3));
  const sizes: number[] = [];
  for await (const batch of readBatches(file, BEGINNING)) sizes.push(batch.length);
  expect(sizes).toEqual([100, 100, 52, 1]);
});

async function read(from: Place): Promise<readonly Line[]> {
  const lines: Line[] = [];
  for await (const batch of readBatches(file, from)) lines.push(...batch);
  return lines;
}

function isBlank(line: string): boolean {
  return /^[ \t\r]*$/.test(line);
}
