import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test } from 'vitest';

import { createLater } from '../../../lambdas/adapters/sqs/later.ts';
import type { LaterTask } from '../../../lambdas/ports/later.ts';
import type { UserId } from '../../../lambdas/domain/ids.ts';

const QUEUE = 'https://sqs.us-east-1.amazonaws.com/123456789012/later';
const TASK: LaterTask = { kind: 'presence.settle', userId: 'anna' as UserId, at: 7 };

let server: Server;
afterEach(() => server.close());

async function later(status: number, answer: object) {
  const seen: { target?: unknown; body?: unknown } = {};
  server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      Object.assign(seen, {
        target: req.headers['x-amz-target'],
        body: JSON.parse(String(Buffer.concat(chunks))),
      });
      res.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = new SQSClient({
    endpoint: `http://127.0.0.1:${port}`,
    region: 'us-east-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    maxAttempts: 1,
    md5: false,
  });
  return { seen, later: createLater(client, QUEUE) };
}

test('a task is a message that waits', async () => {
  const { seen, later: port } = await later(200, { MessageId: 'm', MD5OfMessageBody: 'x' });
  await port.schedule(TASK, 10);
  expect(seen.target).toBe('AmazonSQS.SendMessage');
  expect(seen.body).toEqual({ QueueUrl: QUEUE, MessageBody: JSON.stringify(TASK), DelaySeconds: 10 });
});

test.each([
  [503, 'ServiceUnavailable', 'unavailable'],
  [400, 'RequestThrottled', 'unavailable'],
  [400, 'com.amazonaws.sqs#QueueDoesNotExist', 'internal'],
  [400, 'com.amazon.coral.service#AccessDeniedException', 'internal'],
])('status %i, %s, is `%s`', async (status, __type, code) => {
  const { later: port } = await later(status, { __type, message: 'x' });
  await expect(port.schedule(TASK, 10)).rejects.toMatchObject({ code });
});
