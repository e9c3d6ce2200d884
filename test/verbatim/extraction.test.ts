import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { DOCUMENTS, readDocument } from '../../examples/contracts/document.ts';
import { runScript } from '../../examples/contracts/sandbox.ts';
import { substitute, SUBSTITUTIONS, type Facts } from '../../examples/contracts/substitutions.ts';

const documents = DOCUMENTS.map((name) => readDocument(name));
const FACTS: Facts = { origin: 'http://there', token: 'T', room: 'R', message: 'M' };

async function written(text: string) {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-'));
  await writeFile(join(directory, 'written.md'), text);
  return readDocument('written', directory);
}

describe('the samples of a document', () => {
  test('are its blocks of code as they stand there, with the lines they stand on', () => {
    for (const { text, samples } of documents) {
      const lines = text.split('\n');
      for (const { code, line } of samples) {
        const there = lines.slice(line - 1, line - 1 + code.split('\n').length);
        expect(there.map((each) => each.trimStart())).toEqual(
          code.split('\n').map((each) => each.trimStart()),
        );
      }
    }
  });

  test('are all of them', () => {
    const counts = documents.map(({ name, text, samples }) => {
      const fences = text.match(/^\s*```(javascript|js|ts)\s*$/gm)?.length;
      expect(samples.length, name).toBe(fences);
      return samples.map(({ kind }) => kind);
    });
    expect(counts.flat().filter((kind) => kind === 'server')).toHaveLength(4);
    expect(counts.every((kinds) => kinds.includes('connection'))).toBe(true);
  });

  test('lose the indentation of the list they stand in, and other languages are left out', async () => {
    const { samples } = await written('# T\n## H\n- x\n  ```js\n  a(\n    1);\n  ```\n```json\n{}\n```\n');
    expect(samples).toEqual([
      { document: 'written', line: 5, heading: 'H', code: 'a(\n  1);', kind: 'fragment' },
    ]);
  });

  test('that has no end is an error', async () => {
    await expect(written('```js\nx')).rejects.toThrow('written.md:2');
  });
});

describe('substitutions', () => {
  const code = documents.flatMap(({ samples }) => samples.map((sample) => sample.code)).join('\n');

  test.each(SUBSTITUTIONS)('$written is written somewhere', ({ written }) => {
    expect(code).toContain(written);
  });

  test('leave no address, token or id that is an example', () => {
    const left = substitute(code, FACTS);
    const addresses = [...left.matchAll(/https?:\/\/[^'"/]*/g)].map(([address]) => address);
    expect(new Set(addresses)).toEqual(new Set([FACTS.origin]));
    expect(left).not.toMatch(/uuid|jwt-token|JWT_|ACCESS_TOKEN>|'123'|_ID'/);
  });

  test('change nothing else', () => {
    expect(substitute('socket.emit("x", { a: 1 });', FACTS)).toBe('socket.emit("x", { a: 1 });');
    expect(substitute('a http://localhost:3000 b', FACTS)).toBe('a http://there b');
  });
});

test('a script imports, declares what the window has, and its errors name the line of the document', async () => {
  const run = (code: string) =>
    runScript({
      code,
      file: 'x.md',
      line: 40,
      modules: { m: { default: 1, two: 2 } },
      globals: { socket: 0 },
    });
  expect(await run("import one, { two } from 'm';\nconst socket = one + two;")).toEqual({ socket: 3 });
  expect(await run('const seen: number = socket + 1;')).toEqual({ seen: 1 });
  await expect(run("import x from 'elsewhere';\nx();")).rejects.toThrow('elsewhere');
  const error = (await run('const a = 1;\nthrow new Error("here");').catch(
    (caught: unknown) => caught,
  )) as Error;
  expect(error.stack).toContain('x.md:');
});
