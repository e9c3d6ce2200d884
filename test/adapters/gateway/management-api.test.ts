import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createManagementClient } from '../../../lambdas/adapters/gateway/client.ts';
import { createGateway } from '../../../lambdas/adapters/gateway/management-api.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import { FAN_OUT } from '../../../lambdas/manifest/limits.ts';
import type { Gateway } from '../../../lambdas/ports/gateway.ts';
import { startStub, type StubRequest, type StubServer } from '../../support/stub-server.ts';

process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
process.env['AWS_REGION'] ??= 'eu-west-1';

const TO = { connectionId: 'L0SM9cOFvHcCIhw=' as ConnectionId, dialect: 'native' as const };
const open: StubServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((stub) => stub.close())));

async function gatewayOn(
  answer: (request: StubRequest, response: ServerResponse, count: number) => void,
): Promise<{ readonly gateway: Gateway; readonly stub: StubServer }> {
  const stub = await startStub(answer);
  open.push(stub);
  return {
    stub,
    gateway: createGateway({ clients: { native: createManagementClient(`${stub.url}/native`) } }),
  };
}

const answering = (status: number, body = '') =>
  gatewayOn((_, response) => response.writeHead(status).end(body));

describe('post', () => {
  test('sends the frame to the connection, signed', async () => {
    const { gateway, stub } = await answering(200);
    expect(await gateway.post(TO, '{"é":1}')).toBe('sent');
    expect(stub.requests).toHaveLength(1);
    expect(stub.requests[0]).toMatchObject({ method: 'POST', body: '{"é":1}' });
    expect(decodeURIComponent(stub.requests[0]?.url ?? '')).toBe('/native/@connections/L0SM9cOFvHcCIhw=');
    expect(stub.requests[0]?.headers.authorization).toContain('/execute-api/aws4_request');
  });

  test('each frame goes to its own connection, however many the client has sent', async () => {
    const { gateway, stub } = await answering(200);
    const ids = ['one=', 'two=', 'three='];
    for (const id of ids) await gateway.post({ ...TO, connectionId: id as ConnectionId }, `for ${id}`);
    const seen = stub.requests.map(({ url, body }) => [decodeURIComponent(url ?? ''), body]);
    expect(seen).toEqual(ids.map((id) => [`/native/@connections/${id}`, `for ${id}`]));
  });

  test.each([
    [410, 'gone', 1],
    [413, 'too-large', 1],
    [429, 'throttled', 3],
  ] as const)('%i means %s, after %i attempts', async (status, outcome, attempts) => {
    const { gateway, stub } = await answering(status, '{"message":"x"}');
    expect(await gateway.post(TO, 'x')).toBe(outcome);
    expect(stub.requests).toHaveLength(attempts);
  });

  test.each(['', 'Gone', '<html>gone</html>'])('410 with the body %j is gone as well', async (body) => {
    const { gateway } = await answering(410, body);
    expect(await gateway.post(TO, 'x')).toBe('gone');
  });

  test.each([
    [400, 'internal'],
    [403, 'internal'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('%i rejects as %s and shows nothing of AWS', async (status, code) => {
    const { gateway } = await answering(status, '{"message":"arn:aws:secret-detail"}');
    const failure: unknown = await gateway.post(TO, 'x').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'CausewayError', code });
    expect((failure as Error).message).not.toContain('arn');
  });

  test('a throttled post that succeeds on a retry is sent', async () => {
    const { gateway } = await gatewayOn((_, response, count) =>
      response.writeHead(count === 1 ? 429 : 200).end(),
    );
    expect(await gateway.post(TO, 'x')).toBe('sent');
  });

  test('a connection that breaks is unavailable', async () => {
    const { gateway } = await gatewayOn((_, response) => response.destroy());
    await expect(gateway.post(TO, 'x')).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('frames above 128 KB, counted in bytes, are not even sent', async () => {
    const { gateway, stub } = await answering(200);
    expect(await gateway.post(TO, 'é'.repeat(64 * 1024))).toBe('sent');
    expect(await gateway.post(TO, `${'é'.repeat(64 * 1024)}x`)).toBe('too-large');
    expect(stub.requests).toHaveLength(1);
  });

  test('four times as many posts as fan-out has in flight need no more sockets than that', async () => {
    const { gateway, stub } = await answering(200);
    await Promise.all(Array.from({ length: 4 * FAN_OUT.concurrency }, () => gateway.post(TO, 'x')));
    expect(stub.requests).toHaveLength(4 * FAN_OUT.concurrency);
    expect(new Set(stub.requests.map(({ port }) => port)).size).toBeLessThanOrEqual(FAN_OUT.concurrency);
  });
});

describe('close', () => {
  test('deletes the connection', async () => {
    const { gateway, stub } = await answering(204);
    await gateway.close(TO);
    expect(stub.requests[0]).toMatchObject({ method: 'DELETE' });
  });

  test('one that is gone already is no error; a failure is', async () => {
    await expect((await answering(410)).gateway.close(TO)).resolves.toBeUndefined();
    await expect((await answering(500)).gateway.close(TO)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
