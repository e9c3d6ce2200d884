import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startAwsStub } from './aws-stub.ts';
import type { AwsStub, Seen } from './aws-stub.ts';
import { SOURCE, startLambda } from './harness.ts';
import type { Harness } from './harness.ts';

let aws: AwsStub;
let lambda: Harness;

function answer({ path, body }: Seen, res: ServerResponse): void {
  if (path === '/never') return;
  if (path === '/reset') return void res.destroy();
  const send = () => res.end(path === '/echo' ? body : JSON.stringify({ path }));
  if (path === '/slow' || path.startsWith('/hold')) setTimeout(send, 30);
  else send();
}

beforeEach(async () => {
  aws = await startAwsStub(answer);
  lambda = startLambda({ fn: { code: 'network' } }, { awsEndpoint: () => aws.endpoint });
});
afterEach(async () => {
  await lambda.service.close();
  await aws.close();
});

describe('a call to AWS', () => {
  test('reaches the endpoint with its own host and the event it belongs to', async () => {
    await lambda.ask('fn', { plan: 'one' });
    expect(await lambda.ask('fn', { plan: 'one' })).toEqual({ status: 200, path: '/one' });
    expect(aws.seen.map(({ event }) => event)).toEqual([1, 2]);
    expect(aws.seen[1]).toMatchObject({
      method: 'POST',
      host: 'dynamodb.us-east-1.amazonaws.com',
      body: 'hello',
      depth: 1,
    });
    expect(aws.seen[1]?.headers['content-type']).toBe('text/plain');
  });

  test('can be made in every way node:https offers', async () => {
    expect(await lambda.ask('fn', { plan: 'urls' })).toEqual([{ status: 200, path: '/imported' }, 200, 200]);
    expect(aws.seen.map(({ method, path, host }) => `${method} ${host}${path}`)).toEqual([
      'POST dynamodb.us-east-1.amazonaws.com/imported',
      'GET dynamodb.us-east-1.amazonaws.com/text?a=1',
      'PUT abc.execute-api.us-east-1.amazonaws.com/url',
    ]);
    expect(aws.seen[2]?.headers['x-flat']).toBe('yes');
  });

  test('streams its body both ways', async () => {
    expect(await lambda.ask('fn', { plan: 'stream' })).toBeGreaterThanOrEqual(500_000);
  });

  test('keeps connections, also over a freeze', async () => {
    for (let i = 0; i < 3; i += 1) await lambda.ask('fn', { plan: 'serial' });
    expect(aws.connections()).toBe(1);
  });

  test('uses as many sockets as its agent allows, without one at least 60', async () => {
    await lambda.ask('fn', { plan: 'narrow' });
    expect(aws.busiest()).toBe(1);
    await lambda.ask('fn', { plan: 'fan' });
    expect(aws.connections()).toBeGreaterThan(30);
  });

  test('fails, is aborted and times out as a real one', async () => {
    expect(await lambda.ask('fn', { plan: 'afterError' })).toEqual({
      code: 'ECONNRESET',
      next: { status: 200, path: '/next' },
    });
    expect(await lambda.ask('fn', { plan: 'abort' })).toBe('AbortError');
    expect(await lambda.ask('fn', { plan: 'timeout' })).toBe('gave up');
  });

  test('left behind is not continued while the instance is frozen', async () => {
    await lambda.ask('fn', { plan: 'leave' });
    await wait(100);
    expect(aws.seen.map(({ path }) => path)).not.toContain('/after-left');
  });
});

describe('serial depth', () => {
  test('grows along a chain', async () => {
    await lambda.ask('fn', { plan: 'serial' });
    expect(aws.depths()).toEqual([
      ['/1', 1],
      ['/2', 2],
      ['/3', 3],
    ]);
  });

  test('is the same for calls made together, whichever answers first', async () => {
    await lambda.ask('fn', { plan: 'together' });
    expect(aws.depths().map(([, depth]) => depth)).toEqual([1, 1, 1]);
  });

  test('is the same for calls that wait for a socket', async () => {
    await lambda.ask('fn', { plan: 'narrow' });
    expect(aws.depths().map(([, depth]) => depth)).toEqual([1, 1, 1]);
  });

  test('counts a fan-out once', async () => {
    await lambda.ask('fn', { plan: 'fan' });
    expect(aws.depths()[0]).toEqual(['/list', 1]);
    expect(
      new Set(
        aws
          .depths()
          .slice(1)
          .map(([, depth]) => depth),
      ),
    ).toEqual(new Set([2]));
    expect(aws.seen).toHaveLength(61);
  });

  test('counts a call that failed', async () => {
    await lambda.ask('fn', { plan: 'afterError' });
    expect(aws.depths()).toEqual([
      ['/reset', 1],
      ['/next', 2],
    ]);
  });

  test('starts again with each event', async () => {
    await lambda.ask('fn', { plan: 'serial' });
    await lambda.ask('fn', { plan: 'one' });
    expect(aws.depths().at(-1)).toEqual(['/one', 1]);
  });

  test('continues in the next invocation of the same event', async () => {
    const event = lambda.meter.open('api $connect');
    await lambda.service.invoke('fn', { plan: 'serial' }, SOURCE, event);
    // What the endpoint would have counted.
    for (const { depth } of aws.seen)
      lambda.meter.call(event, {
        operation: 'dynamodb:GetItem',
        depth,
        readUnits: 1,
        writeUnits: 0,
        bytes: 0,
        outcome: 'ok',
      });
    await lambda.service.invoke('fn', { plan: 'one' }, SOURCE, event);
    expect(aws.depths().at(-1)).toEqual(['/one', 4]);
  });

  test('includes what the module calls while it loads, once', async () => {
    await lambda.service.close();
    lambda = startLambda(
      { fn: { code: 'network', properties: { Environment: { Variables: { CALL_WHILE_LOADING: '1' } } } } },
      { awsEndpoint: () => aws.endpoint },
    );
    await lambda.ask('fn', { plan: 'one' });
    await lambda.ask('fn', { plan: 'one' });
    expect(aws.seen.map(({ path, depth, event }) => [path, depth, event])).toEqual([
      ['/while-loading', 1, 1],
      ['/one', 2, 1],
      ['/one', 1, 2],
    ]);
  });
});

test('a connection closed by the other side during a freeze is not used again', async () => {
  await lambda.ask('fn', { plan: 'one' });
  await aws.close();
  const { port } = new URL(aws.endpoint);
  const next = createServer(
    (req, res) => void req.resume().on('end', () => res.end('{"path":"new"}')),
  ).listen(Number(port), '127.0.0.1');
  await once(next, 'listening');
  expect(await lambda.ask('fn', { plan: 'one' })).toEqual({ status: 200, path: 'new' });
  next.closeAllConnections();
  next.close();
  aws = await startAwsStub(answer);
});
