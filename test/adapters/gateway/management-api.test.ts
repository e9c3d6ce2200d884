import type { ServerResponse } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createManagementClient } from '../../../lambdas/adapters/gateway/client.ts';
import { createGateway } from '../../../lambdas/adapters/gateway/management-api.ts';
import { InDoubt } from '../../../lambdas/domain/in-doubt.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import { FAN_OUT } from '../../../lambdas/manifest/limits.ts';
import type { InspectableGateway } from '../../../lambdas/ports/gateway.ts';
import { startStub, type StubRequest, type StubServer } from '../../support/stub-server.ts';

process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
process.env['AWS_REGION'] ??= 'eu-west-1';

const TO = { connectionId: 'L0SM9cOFvHcCIhw=' as ConnectionId, dialect: 'native' as const };
const open: StubServer[] = [];
afterEach(() => Promise.all(open.splice(0).map((stub) => stub.close())));

async function gatewayOn(
  answer: (request: StubRequest, response: ServerResponse, count: number) => void,
): Promise<{ readonly gateway: InspectableGateway; readonly stub: StubServer }> {
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
    // An id that no connection can have.
    [400, 'gone', 1],
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
    [403, 'internal'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('%i rejects as %s and shows nothing of AWS', async (status, code) => {
    const { gateway } = await answering(status, '{"message":"arn:aws:secret-detail"}');
    const failure: unknown = await gateway.post(TO, 'x').catch((error: unknown) => error);
    expect(failure).toMatchObject({ name: 'CausewayError', code });
    expect((failure as Error).message).not.toContain('arn');
  });

  test.each([
    [500, 3, false],
    [503, 3, false],
    [502, 1, true],
    [504, 1, true],
  ])('%i is tried %i times; in doubt: %s', async (status, attempts, isInDoubt) => {
    const { gateway, stub } = await answering(status);
    const failure: unknown = await gateway.post(TO, 'x').catch((error: unknown) => error);
    expect(stub.requests).toHaveLength(attempts);
    expect(failure instanceof InDoubt).toBe(isInDoubt);
  });

  test('a frame that may have been sent is not sent again', async () => {
    const { gateway, stub } = await gatewayOn((_, response) => response.destroy());
    await expect(gateway.post(TO, 'x')).rejects.toBeInstanceOf(InDoubt);
    expect(stub.requests).toHaveLength(1);
  });

  test('a frame that nobody took is sent again', async () => {
    const { gateway, stub } = await answering(200);
    await stub.close();
    const failure: unknown = await gateway.post(TO, 'x').catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unavailable', cause: { $metadata: { attempts: 3 } } });
    expect(failure).not.toBeInstanceOf(InDoubt);
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
    for (const status of [410, 400])
      await expect((await answering(status)).gateway.close(TO)).resolves.toBeUndefined();
    await expect((await answering(500)).gateway.close(TO)).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('look', () => {
  test('tells since when a connection is there and when something went over it last', async () => {
    const body = JSON.stringify({
      connectedAt: '2026-01-02T03:04:05.000Z',
      lastActiveAt: '2026-01-02T03:05:05.000Z',
    });
    const { gateway, stub } = await answering(200, body);
    const connectedAt = Date.UTC(2026, 0, 2, 3, 4, 5);
    expect(await gateway.look(TO)).toEqual({ connectedAt, lastActiveAt: connectedAt + 60_000 });
    expect(stub.requests[0]).toMatchObject({ method: 'GET' });
    expect(decodeURIComponent(stub.requests[0]?.url ?? '')).toBe('/native/@connections/L0SM9cOFvHcCIhw=');
  });

  test('410 means that it is not', async () => {
    const { gateway } = await answering(410);
    expect(await gateway.look(TO)).toBe('gone');
  });

  test.each([
    [429, 'unavailable'],
    [500, 'unavailable'],
    [403, 'internal'],
  ] as const)('%i says nothing of it: %s', async (status, code) => {
    const { gateway } = await answering(status, '{"message":"x"}');
    await expect(gateway.look(TO)).rejects.toMatchObject({ code });
  });
});
