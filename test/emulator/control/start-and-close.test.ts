import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startEmulator } from '../../../emulator/index.ts';
import { connect } from '../apigateway/client.ts';
import { GATEWAY, startSandbox, type Template } from '../apigateway/sandbox.ts';

test('a port in use is named, with the way out', async () => {
  const first = await startSandbox();
  const port = Number(new URL(first.emulator.urls.origin).port);
  await expect(startEmulator({ assembly: GATEWAY, port })).rejects.toThrow(
    `Port ${port} is in use. Choose another one with --port`,
  );
  await first.close();
});

test('close ends sockets with 1001, frees the port, and may be called twice', async () => {
  const sandbox = await startSandbox();
  const port = Number(new URL(sandbox.emulator.urls.origin).port);
  const client = await connect(sandbox.url('live'));
  await Promise.all([sandbox.close(), sandbox.close()]);
  expect((await client.closed).code).toBe(1001);
  const again = await startEmulator({ assembly: GATEWAY, port });
  await again.close();
});

test('reload brings new code and new routes to open sockets, and names what needs a restart', async () => {
  const sandbox = await startSandbox();
  const client = await connect(sandbox.url('live'));
  const next = await mkdtemp(join(tmpdir(), 'gateway-next-'));
  await cp(GATEWAY, next, { recursive: true });
  await writeFile(
    join(next, 'asset.main', 'index.mjs'),
    `export const handler = async () => ({ statusCode: 200, body: 'new code' });`,
  );
  await rewrite(join(next, 'gateway.template.json'), (text) => {
    // New code has a new asset key, as the CDK gives it.
    const template = JSON.parse(text.replace('main.zip', 'main-2.zip')) as Template;
    template.Resources['OpenEcho']!.Properties['RouteKey'] = 'renamed';
    template.Resources['Extra'] = template.Resources['Role']!;
    return JSON.stringify(template);
  });
  await rewrite(join(next, 'gateway.assets.json'), (text) => text.replace('main.zip', 'main-2.zip'));

  await sandbox.emulator.reload(next);

  client.send({ action: 'renamed' });
  expect(await client.next()).toBe('new code');
  expect(sandbox.logs.find(({ message }) => message.includes('restart'))?.message).toContain('Extra');
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  await sandbox.close();
  await rm(next, { recursive: true, force: true });
});

async function rewrite(file: string, change: (text: string) => string): Promise<void> {
  await writeFile(file, change(await readFile(file, 'utf8')));
}
