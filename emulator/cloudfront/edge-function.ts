/**
 * CloudFront Functions, runtime 2.0: the real code in a context of its own ("JavaScript runtime 2.0 features for CloudFront
 * Functions"). No network, no timers, no eval, strict mode, a clock that stands still. The language is that of Node.js, which
 * knows more than CloudFront's does.
 */
import { createContext, Script } from 'node:vm';
import { UnsupportedResource } from '../apigateway/template-error.ts';
import type { Resource } from '../types.ts';
import type { EdgeFunctionProperties } from './template-properties.ts';

export interface EdgeFunction {
  readonly name: string;
  /**
   * What `handler(event)` gives, as plain data.
   * @throws when the function does, takes too long, or there is no handler.
   */
  run(event: unknown, outside: Outside): Promise<unknown>;
}

/** What the code sees besides the language. */
export interface Outside {
  /** `import cf from 'cloudfront'` */
  readonly cloudfront: object;
  readonly now: number;
  readonly log: (line: string) => void;
}

/** "Function size: 10 KB" (CloudFront quotas). */
const MOST_BYTES = 10 * 1024;
/** CloudFront allows far less, in units it doesn't publish; this only ends endless loops, and a busy machine is none. */
const MOST_MS = 2_000;

const IMPORT = /^[ \t]*import\s+(\w+)\s+from\s+['"]([\w/:-]+)['"][ \t]*;?/gm;

/** Throws UnsupportedResource for what a deployment would refuse or this emulator can't run. */
export function compileEdgeFunction(resource: Resource<EdgeFunctionProperties>): EdgeFunction {
  const { FunctionCode: code = '', FunctionConfig = {}, Name = resource.ref } = resource.properties;
  if (FunctionConfig.Runtime !== 'cloudfront-js-2.0')
    throw new UnsupportedResource(
      resource,
      `Runtime ${FunctionConfig.Runtime} isn't emulated; use cloudfront-js-2.0.`,
    );
  if ((FunctionConfig.KeyValueStoreAssociations ?? []).length > 0)
    throw new UnsupportedResource(resource, "key value stores aren't emulated.");
  const bytes = Buffer.byteLength(code);
  if (bytes > MOST_BYTES)
    throw new UnsupportedResource(
      resource,
      `its code has ${bytes} bytes; CloudFront takes ${MOST_BYTES} at most.`,
    );
  const script = compile(resource, code);
  return { name: Name, run: (event, outside) => run(script, event, outside) };
}

function compile(resource: Resource<object>, code: string): Script {
  const foreign = [...code.matchAll(IMPORT)].find(([, , module]) => module !== 'cloudfront');
  if (foreign)
    throw new UnsupportedResource(resource, `the module "${foreign[2]}" isn't emulated, only "cloudfront".`);
  const source = code.replace(IMPORT, 'const $1 = __cloudfront;');
  try {
    // In a function, so that it ends with a value; on one line, so that line numbers stay true.
    return new Script(`(function () { 'use strict'; ${source}\nreturn handler; })()`, {
      filename: `${resource.logicalId}.js`,
    });
  } catch (error) {
    throw new UnsupportedResource(resource, `its code isn't valid: ${String(error)}`);
  }
}

async function run(script: Script, event: unknown, { cloudfront, now, log }: Outside): Promise<unknown> {
  const line = (...values: unknown[]) => log(values.map(String).join(' '));
  const context = createContext(
    { __cloudfront: cloudfront, console: { log: line, error: line }, __now: now },
    { codeGeneration: { strings: false, wasm: false }, microtaskMode: 'afterEvaluate' },
  );
  PRELUDE.runInContext(context);
  Object.assign(context, { __event: JSON.stringify(event) });
  Object.assign(context, { __handler: script.runInContext(context, { timeout: MOST_MS }) });
  CALL.runInContext(context, { timeout: MOST_MS });
  // Promises of the context are settled when the call returns: there is nothing a function could wait for.
  const { __result: result, __error: error, __done: done } = context as Ended;
  if (done !== true) throw new Error('the function did not end');
  if (error !== undefined) throw new Error(error);
  return result === undefined ? undefined : (JSON.parse(result) as unknown);
}

/** What CALL leaves behind. */
interface Ended {
  readonly __result?: string;
  readonly __error?: string;
  readonly __done?: boolean;
}

/** "Date … always returns the time at which the function began"; timers and the like don't exist in a bare context. */
const PRELUDE = new Script(`
  (function (now) {
    const RealDate = Date;
    function StoppedDate(...parts) {
      if (!new.target) return new RealDate(now).toString();
      return Reflect.construct(RealDate, parts.length === 0 ? [now] : parts, new.target);
    }
    StoppedDate.prototype = RealDate.prototype;
    StoppedDate.now = () => now;
    StoppedDate.parse = RealDate.parse;
    StoppedDate.UTC = RealDate.UTC;
    globalThis.Date = StoppedDate;
    for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics', '__now']) delete globalThis[name];
  })(__now);
`);

const CALL = new Script(`
  (function (handler, text) {
    const event = JSON.parse(text);
    const raw = event.request.rawQueryString;
    Object.defineProperty(event.request, 'rawQueryString', { value: () => raw, enumerable: false });
    const settle = (values) => Object.assign(globalThis, values, { __done: true });
    const fail = (error) => settle({ __error: error instanceof Error ? String(error.stack) : String(error) });
    try {
      Promise.resolve(handler(event)).then((value) => settle({ __result: JSON.stringify(value) }), fail);
    } catch (error) {
      fail(error);
    }
  })(__handler, __event);
`);
