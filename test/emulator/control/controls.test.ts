import { request } from 'node:http';
import { DeleteConnectionCommand, PostToConnectionCommand } from '@aws-sdk/client-apigatewaymanagementapi';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { connect } from '../apigateway/client.ts';
import type { MeterReport } from '../../../emulator/types.ts';
import { startSandbox, type Sandbox, type Seen } from '../apigateway/sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

const control = async (method: string, path: string, body?: unknown) => {
  const init =
    body === undefined
      ? { method }
      : { method, body: typeof body === 'string' ? body : JSON.stringify(body) };
  const response = await fetch(`${sandbox.emulator.urls.origin}/_emulator/${path}`, init);
  return { status: response.status, body: await response.json() };
};
const meter = async () => (await control('GET', 'meter')).body as MeterReport;
const connections = async () => (await control('GET', 'connections')).body as { connectionId: string }[];

describe('controls', () => {
  test('health says where things are', async () => {
    const { origin, native } = sandbox.emulator.urls;
    expect(await control('GET', 'health')).toEqual({
      status: 200,
      body: { ready: true, urls: { origin, native, aws: sandbox.emulator.awsEndpoint } },
    });
    expect(native).toBe(`${origin.replace('http', 'ws')}/live`);
  });

  test('the front door listens on both loopback addresses', async () => {
    const { port } = new URL(sandbox.emulator.urls.origin);
    expect((await fetch(`http://127.0.0.1:${port}/_emulator/health`)).status).toBe(200);
    expect((await fetch(`http://[::1]:${port}/_emulator/health`)).status).toBe(200);
  });

  test('the meter counts, shows open connections and starts again', async () => {
    const client = await connect(sandbox.url('live'));
    sandbox.emulator.clock.advance(60_000);
    const body = await meter();
    expect(body.events['open $connect']).toMatchObject({ count: 1, lambdaInvocations: 1 });
    expect(body.total.connectionMinutes).toBeGreaterThanOrEqual(1);
    expect(body.cost.usd).toBeGreaterThan(0);
    await control('DELETE', 'meter');
    expect((await meter()).total).toMatchObject({ count: 0, lambdaInvocations: 0 });
    client.socket.close();
  });

  test('connections lists the open ones', async () => {
    const client = await connect(sandbox.url('live'));
    const { body } = await control('GET', 'connections');
    expect(body).toEqual([
      {
        connectionId: expect.stringMatching(/=$/),
        api: 'open',
        connectedAt: expect.any(String),
        lastActiveAt: expect.any(String),
      },
    ]);
    client.socket.close();
    await client.closed;
    while (sandbox.emulator.meter().pending > 0) await new Promise((resolve) => setImmediate(resolve));
    expect((await control('GET', 'connections')).body).toEqual([]);
  });

  test('cut closes one connection, or all, as API Gateway would', async () => {
    const [one, two] = [await connect(sandbox.url('live')), await connect(sandbox.url('live'))];
    const { connectionId } = (await connections())[0]!;
    expect((await control('POST', 'cut', { connectionId })).body).toEqual({ cut: 1 });
    expect((await one.closed).code).toBe(1001);
    expect(two.socket.readyState).toBe(two.socket.OPEN);
    expect((await control('POST', 'cut', { all: true })).body).toEqual({ cut: 1 });
    expect((await two.closed).code).toBe(1001);
  });

  test('a silent cut leaves a connection that can be posted to until the idle timeout tells $disconnect', async () => {
    const client = await connect(sandbox.url('live'));
    const { connectionId } = (await connections())[0]!;
    await control('POST', 'cut', { connectionId, silent: true });
    expect((await client.closed).code).toBe(1006);
    const isDisconnect = (event: Seen) => event['requestContext'].eventType === 'DISCONNECT';
    const answer = await sandbox
      .management()
      .send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'x' }));
    expect(answer.$metadata.httpStatusCode).toBe(200);
    expect(sandbox.count(isDisconnect)).toBe(0);
    await control('POST', 'clock', { advanceMs: 600_000 });
    expect((await sandbox.seen(isDisconnect))['requestContext']).toMatchObject({
      connectionId,
      disconnectStatusCode: 1001,
    });
  });

  test('a connection whose peer has vanished is over when it is deleted, and $disconnect tells', async () => {
    const client = await connect(sandbox.url('live'));
    const { connectionId } = (await connections())[0]!;
    await control('POST', 'cut', { connectionId, silent: true });
    await client.closed;
    await sandbox.management().send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
    expect(await connections()).toEqual([]);
    const told = await sandbox.seen((event) => event['requestContext'].eventType === 'DISCONNECT');
    expect(told['requestContext']).toMatchObject({ connectionId, disconnectStatusCode: 1000 });
  });

  test('the clock moves forward', async () => {
    const before = sandbox.emulator.clock.now();
    const { body } = await control('POST', 'clock', { advanceMs: 3_600_000 });
    expect(new Date((body as { now: string }).now).getTime() - before).toBeGreaterThanOrEqual(3_600_000);
  });

  test('permissions are reported', async () => {
    expect((await control('GET', 'permissions')).body).toMatchObject({ used: [], denied: [] });
  });
});

describe('a wrong request is told what to do', () => {
  test.each([
    { request: 'GET nosuch', status: 404, hint: 'GET /_emulator/health' },
    { request: 'POST meter', body: {}, status: 405, hint: 'GET and DELETE' },
    { request: 'POST clock', body: {}, status: 400, hint: 'advanceMs' },
    { request: 'POST clock', body: { advanceMs: -1 }, status: 400, hint: 'forward' },
    { request: 'POST clock', body: 'no json', status: 400, hint: 'JSON' },
    { request: 'POST cut', body: {}, status: 400, hint: '"all": true' },
    { request: 'POST cut', body: { connectionId: 'x', all: true }, status: 400, hint: 'connectionId' },
    { request: 'POST cut', body: { connectionId: 'x' }, status: 404, hint: '/_emulator/connections' },
  ])('$request $body → $status', async ({ request, body, status, hint }) => {
    const [method = '', path = ''] = request.split(' ');
    const answer = await control(method, path, body);
    expect(answer.status).toBe(status);
    expect((answer.body as { error: string }).error).toContain(hint);
  });
});

describe('only this machine may', () => {
  const status = (headers: Record<string, string>) =>
    new Promise((resolve) => {
      request(`${sandbox.emulator.urls.origin}/_emulator/health`, { headers }, (response) =>
        resolve(response.resume().statusCode),
      ).end();
    });

  test('another Host (DNS rebinding) and pages of other sites are 403', async () => {
    expect(await status({ host: 'evil.example' })).toBe(403);
    expect(await status({ host: 'localhost.evil.example:3000' })).toBe(403);
    expect(await status({ origin: 'https://evil.example' })).toBe(403);
    expect(await status({ origin: 'http://localhost:5173' })).toBe(200);
  });
});
