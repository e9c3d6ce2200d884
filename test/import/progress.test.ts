import { expect, test } from 'vitest';

import { createProgress } from '../../bin/import/progress.ts';
import { BEGINNING } from '../../bin/import/state.ts';

const file = { name: 'messages', size: 200, from: BEGINNING };
const half = { ...BEGINNING, offset: 100, imported: 1_500, rejected: 2 };

const CLEAR_TO_END = '\u001B[K';

function draw(isTTY: boolean, columns = 200): string {
  let written = '';
  const write = (text: string) => (written += text);
  const progress = createProgress({ isTTY, columns, write }, file);
  progress.show(half);
  progress.finish({ ...half, offset: 200 });
  return written.replaceAll(CLEAR_TO_END, '');
}

test('a terminal shows a bar that is drawn over', () => {
  const [, first, last] = draw(true).split('\r');
  expect(first).toMatch(/^messages \[#{12}\.{12}\] 50% 1,502 lines, [\d,]+\/s, 2 rejected, \d+ s left$/);
  expect(last).toMatch(/^messages \[#{24}\] 100% 1,502 lines, [\d,]+\/s, 2 rejected\n$/);
});

test('a bar is never wider than the terminal', () => {
  for (const line of draw(true, 30).split('\r')) expect(line.trimEnd().length).toBeLessThan(30);
});

test('elsewhere there are plain lines, the last of them at the end', () => {
  expect(draw(false)).toMatch(/^messages \[#{24}\] 100% 1,502 lines, .*2 rejected\n$/);
});
