import { describe, expect, test } from 'vitest';
import { compileEdgeFunction } from '../../../emulator/cloudfront/edge-function.ts';

const NOW = Date.UTC(2030, 0, 1);

function edge(code: string, log: (line: string) => void = () => {}) {
  const fn = compileEdgeFunction({
    logicalId: 'Split',
    type: 'AWS::CloudFront::Function',
    ref: 'arn',
    properties: { FunctionCode: code, FunctionConfig: { Runtime: 'cloudfront-js-2.0' } },
  });
  const cloudfront = { selectRequestOriginById: (id: string) => log(`selected ${id}`) };
  return (event: object = { request: { uri: '/', rawQueryString: 'a=1&a=2' } }) =>
    fn.run(event, { cloudfront, now: NOW, log });
}

describe('code of a CloudFront Function', () => {
  test('gets the event and gives what handler returns', async () => {
    const run = edge('function handler(event) { event.request.uri += "x"; return event.request; }');
    expect(await run()).toEqual({ uri: '/x' });
  });

  test('may be asynchronous', async () => {
    expect(await edge('async function handler() { await null; return { at: await 1 }; }')()).toEqual({
      at: 1,
    });
  });

  test('imports the helpers, prints, and reads the query as it was sent', async () => {
    const lines: string[] = [];
    const run = edge(
      `import cf from 'cloudfront';
       function handler(event) {
         cf.selectRequestOriginById('b');
         console.log('query', event.request.rawQueryString());
         return event.request;
       }`,
      (line) => lines.push(line),
    );
    expect(await run()).toEqual({ uri: '/' });
    expect(lines).toEqual(['selected b', 'query a=1&a=2']);
  });

  test('starts anew with every request', async () => {
    const run = edge(
      'let n = 0; function handler() { n += 1; globalThis.m = n; return { n, m: globalThis.m }; }',
    );
    await run();
    expect(await run()).toEqual({ n: 1, m: 1 });
  });

  test('has a clock that stands still', async () => {
    const run = edge(
      'function handler() { return [Date.now(), new Date().getTime(), new Date(5).getTime()]; }',
    );
    expect(await run()).toEqual([NOW, NOW, 5]);
  });

  test.each(['process', 'require', 'fetch', 'setTimeout', 'WebAssembly', 'SharedArrayBuffer'])(
    'knows no %s',
    async (name) => {
      expect(await edge(`function handler() { return { type: typeof ${name} }; }`)()).toEqual({
        type: 'undefined',
      });
    },
  );

  test.each([
    ['throws', 'function handler() { throw new Error("no"); }', /no/],
    ['rejects', 'async function handler() { throw "no"; }', /no/],
    ['evaluates code', 'function handler() { return eval("1"); }', /Code generation/],
    ['assigns to nothing (strict mode)', 'function handler() { undeclared = 1; }', /undeclared/],
    ['never ends', 'function handler() { for (;;); }', /timed out/],
    ['never ends while loading', 'for (;;); function handler() {}', /timed out/],
    ['waits for nothing', 'function handler() { return new Promise(() => {}); }', /did not end/],
    ['has no handler', 'const other = 1;', /handler/],
  ])('that %s fails', async (_what, code, error) => {
    await expect(edge(code)()).rejects.toThrow(error);
  });

  test.each([
    ['has no syntax', 'function handler( {', /"Split".*isn't valid/],
    ['imports something else', "import fs from 'fs';\nfunction handler() {}", /"Split".*"fs"/],
  ])('that %s is refused at the start', (_what, code, error) => {
    expect(() => edge(code)).toThrow(error);
  });
});
