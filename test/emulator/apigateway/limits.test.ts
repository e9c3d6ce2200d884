import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { connect, type Client } from './client.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

const KB = 1024;
let sandbox: Sandbox;
let client: Client;
beforeAll(async () => {
  sandbox = await startSandbox();
});
beforeEach(async () => {
  client = await connect(sandbox.url('live'));
  return () => client.socket.terminate();
});
afterAll(() => sandbox.close());

/** A two-way message of exactly `size` bytes. */
function sized(size: number): string {
  const message = (padding: number) =>
    JSON.stringify({
      action: 'echo',
      answer: { statusCode: 200, body: 'fine' },
      padding: 'x'.repeat(padding),
    });
  return message(size - message(0).length);
}

function sendFragments(text: string, size: number): void {
  for (let at = 0; at < text.length; at += size)
    client.socket.send(text.slice(at, at + size), { fin: at + size >= text.length });
}

async function disconnection() {
  const event = await sandbox.seen(
    (seen) =>
      seen['requestContext'].connectionId === connectionId &&
      seen['requestContext'].eventType === 'DISCONNECT',
  );
  return event['requestContext'];
}
let connectionId: string;
beforeEach(async () => {
  client.send({ action: 'nosuch', throw: 'who am I' });
  connectionId = (JSON.parse(await client.next()) as { connectionId: string }).connectionId;
});

describe('frame and message sizes', () => {
  test('a frame of 32 KB passes, a byte more closes with 1009', async () => {
    client.send(sized(32 * KB));
    expect(await client.next()).toBe('fine');
    client.send(sized(32 * KB + 1));
    expect((await client.closed).code).toBe(1009);
    expect((await disconnection()).disconnectStatusCode).toBe(1009);
  });

  test('a message of 40 KB in one frame closes with 1009 and reaches no function', async () => {
    const text = sized(40 * KB);
    client.send(text);
    expect((await client.closed).code).toBe(1009);
    expect(sandbox.count((event) => event['body'] === text)).toBe(0);
  });

  test('a message of 90 KB in three frames of 30 KB passes', async () => {
    sendFragments(sized(90 * KB), 30 * KB);
    expect(await client.next()).toBe('fine');
  });

  test('a message of 128 KB in frames passes, a byte more closes with 1009', async () => {
    sendFragments(sized(128 * KB), 32 * KB);
    expect(await client.next()).toBe('fine');
    sendFragments(sized(128 * KB + 1), 32 * KB);
    expect((await client.closed).code).toBe(1009);
    expect((await disconnection()).disconnectStatusCode).toBe(1009);
  });

  test('messages in front of a frame that is too large still count, those behind it do not', async () => {
    const numbered = (n: number) => JSON.stringify({ action: 'quiet', inFrontOf: connectionId, n });
    client.send(numbered(1));
    client.send(sized(40 * KB));
    client.send(numbered(2));
    expect((await client.closed).code).toBe(1009);
    await sandbox.seen((event) => event['body'] === numbered(1));
    await disconnection();
    expect(sandbox.count((event) => event['body'] === numbered(2))).toBe(0);
  });
});

test('a binary frame closes with 1003', async () => {
  client.socket.send(Buffer.from('{"action":"echo"}'));
  expect((await client.closed).code).toBe(1003);
  expect((await disconnection()).disconnectStatusCode).toBe(1003);
});
