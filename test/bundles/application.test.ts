import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { beforeEach, describe, expect, test } from 'vitest';

import { applicationPlugin } from '../../lib/bundle/application-plugin.ts';
import { bundleFunctions } from '../../lib/bundle/bundle-functions.ts';
import { leanServer, STAND_INS } from '../../lib/bundle/lean-server.ts';
import { packageBytes } from '../../lib/bundle/package-bytes.ts';

let root: string;
let elsewhere: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'causeway-root-'));
  elsewhere = mkdtempSync(join(tmpdir(), 'causeway-app-'));
});

describe('the application', () => {
  beforeEach(() => {
    write(root, 'compat/application.ts', 'export const application: unknown = undefined;');
    write(root, 'compat/app-door.ts', `export const door = 'door'; export class Server {}`);
    write(
      root,
      'lambdas/main.ts',
      `import { application } from '../compat/application.ts';
       export const handler = () => (application as { default?: unknown } | undefined)?.default;`,
    );
  });

  test('there is none unless one is configured', async () => {
    expect(await run(undefined)).toBe('undefined');
  });

  test('is a module anywhere, in TypeScript, with files of its own', async () => {
    write(elsewhere, 'parts/greeting.ts', `export const greeting: string = 'from a part';`);
    const app = write(
      elsewhere,
      'server.ts',
      `import { greeting } from './parts/greeting.ts'; export default greeting;`,
    );
    expect(await run(app)).toBe('from a part');
  });

  test('may be CommonJS', async () => {
    const app = write(elsewhere, 'server.cjs', `module.exports = require('node:path').basename('/a/b');`);
    expect(await run(app)).toBe('b');
  });

  test.each(['causeway', 'socket.io'])('what it imports as %s is our door', async (name) => {
    const app = write(elsewhere, 'server.ts', `import { door } from '${name}'; export default door;`);
    expect(await run(app)).toBe('door');
  });

  test('compat itself and packages get the real socket.io', async () => {
    write(
      root,
      'lambdas/main.ts',
      `import { application } from '../compat/application.ts';
       import { path } from '../compat/server.ts';
       export const handler = () => path + (application as { default: unknown }).default;`,
    );
    write(
      root,
      'compat/server.ts',
      `import { Server } from 'socket.io'; export const path = new Server().path();`,
    );
    write(
      elsewhere,
      'node_modules/plug-in/index.js',
      `import { Server } from 'socket.io'; export const real = Server.prototype.of !== undefined;`,
    );
    const app = write(elsewhere, 'server.ts', `import { real } from 'plug-in'; export default real;`);
    expect(await run(app)).toBe('/socket.iotrue');
  });

  test('takes packages from its own folder, else those of this repository', async () => {
    write(elsewhere, 'node_modules/own/package.json', '{ "name": "own", "main": "index.js" }');
    write(elsewhere, 'node_modules/own/index.js', `module.exports = 'own';`);
    const app = write(
      elsewhere,
      'server.ts',
      `import own from 'own'; import { protocol } from 'engine.io-parser'; export default own + protocol;`,
    );
    expect(await run(app)).toBe('own4');
  });

  test('its files are told, so that a change of one can be noticed', async () => {
    const part = write(elsewhere, 'part.ts', `export type Part = string; export const part: Part = 'p';`);
    const types = write(elsewhere, 'unused.ts', 'export const unused = 1;');
    const app = write(
      elsewhere,
      'server.ts',
      `import './unused.ts'; import { part } from './part.ts'; export default part;`,
    );
    const [bundle] = await make(app);
    expect(bundle!.sources).toEqual(
      expect.arrayContaining([app, part, types, join(root, 'lambdas/main.ts')]),
    );
  });

  test('a mistake in it is told with file and line', async () => {
    const app = write(elsewhere, 'server.ts', 'export default ;');
    await expect(run(app)).rejects.toThrow('server.ts:1:15');
  });

  async function make(app: string | undefined) {
    return bundleFunctions({
      entries: { main: './lambdas/main.ts' },
      outDir: join(root, 'out'),
      cwd: root,
      plugins: [applicationPlugin({ root, app }), leanServer()],
    });
  }

  async function run(app: string | undefined): Promise<string> {
    const [bundle] = await make(app);
    return evaluate(bundle!.directory, 'String(module.handler())');
  }
});

describe('the lean server', () => {
  /** A Server on an engine of one connection that answers an event with an ack, a binary one and a broadcast. */
  const SERVED = `
import { EventEmitter } from 'node:events';
import { Server } from 'socket.io';
import { Adapter } from 'socket.io-adapter';
import { Decoder } from 'socket.io-parser';
export { Decoder };
class Engine extends EventEmitter { close() {} }
class Connection extends EventEmitter {
  id = 'one'; protocol = 4; readyState = 'open'; transport = { name: 'websocket', writable: true };
  request = { headers: {}, connection: {}, url: '/', _query: {} }; sent: unknown[] = [];
  write(data: unknown) { this.sent.push(data); if (this.sent.length === 5) this.emit('full'); }
  close() {}
}
export async function serve() {
  const io = new Server({ adapter: class extends Adapter {}, cors: { origin: '*' }, connectionStateRecovery: {} });
  const engine = new Engine();
  io.bind(engine as never);
  io.on('connection', (socket) => {
    socket.on('hello', (name, ack) => { ack('hello ' + name); io.emit('news', Buffer.from('x')); });
  });
  const connection = new Connection();
  engine.emit('connection', connection);
  connection.emit('data', '0');
  await new Promise((resolve) => setTimeout(resolve, 50));
  connection.emit('data', '27["hello","you"]');
  await new Promise((resolve) => setTimeout(resolve, 50));
  return { sent: connection.sent.map(String), io, engine };
}
export const listen = async () => { try { (await serve()).io.listen(0); return 'listening'; } catch (e) { return (e as Error).message; } };
`;

  test('serves namespaces, acks, binary and broadcasts on an engine of ours', async () => {
    const [bundle] = await make();
    const sent = JSON.parse(
      evaluate(bundle!.directory, 'JSON.stringify((await module.serve()).sent)'),
    ) as string[];
    expect(sent[0]).toMatch(/^0\{"sid":"[\w-]{20}","pid":"[\w-]+"\}$/);
    expect(sent[1]).toBe('37["hello you"]');
    expect(sent[2]).toMatch(/^51-\["news",\{"_placeholder":true,"num":0\}/);
    expect(sent[3]).toBe('x');
  });

  test('says so when it is asked to listen', async () => {
    const [bundle] = await make();
    expect(evaluate(bundle!.directory, 'await module.listen()')).toContain('no port to listen on');
  });

  test('none of what it leaves out is inside, and its parser is there once', async () => {
    const [bundle] = await make();
    const packages = packageBytes(bundle!).map(({ path }) => path);
    expect(packages).toEqual(expect.arrayContaining(['socket.io', 'socket.io-adapter', 'socket.io-parser']));
    for (const name of [...Object.keys(STAND_INS), 'mime-db', 'negotiator'])
      expect(packages).not.toContain(name);
    expect(bundle!.inputs.filter(({ path }) => /socket\.io-parser.*cjs/.test(path))).toEqual([]);
  });

  test('is worth it: less than a third of the whole', async () => {
    const [[lean], [whole]] = [await make(), await make([])];
    expect(lean!.bytes).toBeLessThan(whole!.bytes / 3);
  });

  test('an application that wants one of the packages itself gets it', async () => {
    write(
      root,
      'main.ts',
      `import accepts from 'accepts'; export const handler = () => typeof accepts({ headers: {} } as never).types;`,
    );
    const [bundle] = await bundleFunctions({
      entries: { main: './main.ts' },
      outDir: join(root, 'out'),
      cwd: root,
      plugins: [leanServer()],
    });
    expect(evaluate(bundle!.directory, 'module.handler()')).toBe('function');
  });

  function make(plugins = [leanServer()]) {
    write(root, 'server.ts', SERVED);
    return bundleFunctions({
      entries: { server: './server.ts' },
      outDir: join(root, plugins.length === 0 ? 'whole' : 'lean'),
      cwd: root,
      plugins,
    });
  }
});

function write(folder: string, file: string, text: string): string {
  const path = join(folder, file);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

/** In a process of its own, as Lambda would load it: no module of this repository in reach. */
function evaluate(directory: string, expression: string): string {
  const url = JSON.stringify(pathToFileURL(join(directory, 'index.mjs')).href);
  const script = `const module = await import(${url}); console.log(${expression}); process.exit()`;
  return execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).trim();
}
