import { expect, test } from 'vitest';
import { NativeClient } from '../support/native-client.ts';
import { startCommand } from '../support/process.ts';

test('the command prints its address, two people with tokens and a snippet, and Ctrl-C ends it cleanly', async () => {
  const running = await startCommand(['--welcome', 'examples/welcome.ts']);
  const token = await tokenIn(running.output);
  expect(running.output()).toContain('alice@example.com');
  expect(running.output()).toContain('bob@example.com');
  const client = await NativeClient.connect(`${running.native}?token=${token}`);
  expect(await client.request({ action: 'ping' })).toMatchObject({ event: 'pong' });

  const ended = await running.stop('SIGINT');

  expect(ended.code).toBe(0);
  expect((await client.closed).code).toBe(1001);
  await expect(fetch(`${running.origin}/_emulator/health`)).rejects.toThrow();
});

async function tokenIn(output: () => string): Promise<string> {
  for (;;) {
    const token = /eyJ[\w-]+\.[\w-]+\.[\w-]+/.exec(output())?.[0];
    if (token !== undefined) return token;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
