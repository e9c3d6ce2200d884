import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { connect } from '../apigateway/client.ts';
import { GATEWAY } from '../apigateway/sandbox.ts';
import { runCommand, type Command } from './command.ts';
import { answering, createProject } from './project.ts';

const PATIENCE_MS = 30_000;
const READY = /ready in \d+ ms {2}http:\/\/localhost:(\d+)/;
const running: Command[] = [];
const start = (args: readonly string[], cwd?: string) => {
  const command = runCommand(args, cwd);
  running.push(command);
  return command;
};
afterEach(async () => {
  for (const command of running.splice(0)) {
    command.child.kill('SIGKILL');
    await command.ended;
  }
});

describe('the command', { timeout: PATIENCE_MS }, () => {
  test.each(['SIGINT', 'SIGTERM'] as const)(
    'says when it is ready; %s closes sockets with 1001 and ends with 0',
    async (signal) => {
      const command = start(['--assembly', GATEWAY, '--port', '0']);
      const [, port] = await command.says(READY);
      const client = await connect(`ws://localhost:${port}/live`);
      command.child.kill(signal);
      expect((await client.closed).code).toBe(1001);
      expect(await command.ended).toEqual({ code: 0, signal: null });
      await expect(fetch(`http://localhost:${port}/_emulator/health`)).rejects.toThrow();
    },
  );

  test('says a port is in use, and ends', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const command = start(['--assembly', GATEWAY, '--port', String(port)]);
    expect((await command.ended).code).toBe(1);
    expect(command.stderr()).toBe(
      `Port ${port} is in use. Choose another one with --port, for example --port ${port + 1}, or --port 0 for any free one.\n`,
    );
    server.close();
  });

  test('an unknown option says which exist', async () => {
    const command = start(['--prot', '1']);
    expect((await command.ended).code).toBe(1);
    expect(command.stderr()).toContain("Unknown option '--prot'");
    expect(command.stderr()).toContain('--port N');
  });

  test('--json writes only JSON, one object a line, and --welcome what its module returns', async () => {
    const project = await createProject();
    await project.write(
      'welcome.mjs',
      'export const welcome = async ({ origin, native }) => `try ${origin} and ${native}`;',
    );
    const command = start(
      ['--assembly', GATEWAY, '--port', '0', '--json', '--welcome', 'welcome.mjs'],
      project.directory,
    );
    const [, port] = await command.says(/try http:\/\/localhost:(\d+) and/);
    const entries = command
      .stdout()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { message: string });
    expect(entries.map(({ message }) => message)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(READY),
        `try http://localhost:${port} and ws://localhost:${port}/live`,
      ]),
    );
    await project.remove();
  });

  test('follows the sources: new code for open sockets, and old code while they are broken', async () => {
    const project = await createProject();
    const command = start(['--port', '0'], project.directory);
    const [, port] = await command.says(READY);
    const client = await connect(`ws://localhost:${port}/live`);
    const ask = async () => {
      client.send({ action: 'echo' });
      return client.next();
    };
    expect(await ask()).toBe('first');
    await project.write(join('src', 'index.mjs'), 'SYNTAX');
    await command.says(/not reloaded[^]*src\/index\.mjs is broken/);
    expect(await ask()).toBe('first');
    await project.write(join('src', 'index.mjs'), answering('second'));
    await command.says(/reloaded in \d+ ms/);
    expect(await ask()).toBe('second');
    await project.remove();
  });
});
