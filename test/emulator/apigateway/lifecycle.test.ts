import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  DeleteConnectionCommand,
  GetConnectionCommand,
  PostToConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { WebSocket } from 'ws';
import { connect } from './client.ts';
import { startSandbox, type Sandbox } from './sandbox.ts';

const MINUTE = 60_000;
let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(() => sandbox.close());

async function open() {
  const client = await connect(sandbox.url('live'));
  const event = await sandbox.seen((seen) => seen['requestContext'].eventType === 'CONNECT');
  const connectionId = event['requestContext'].connectionId;
  const disconnected = sandbox.seen(
    (seen) =>
      seen['requestContext'].connectionId === connectionId &&
      seen['requestContext'].eventType === 'DISCONNECT',
  );
  return { client, connectionId, disconnected };
}

describe('idle and lifetime', () => {
  test('ten minutes without a message end with 1001 "Going away"', async () => {
    const { client, disconnected } = await open();
    sandbox.emulator.clock.advance(10 * MINUTE - 1_000);
    expect(client.socket.readyState).toBe(client.socket.OPEN);
    sandbox.emulator.clock.advance(1_000);
    expect(await client.closed).toEqual({ code: 1001, reason: 'Going away' });
    expect((await disconnected)['requestContext']).toMatchObject({
      disconnectStatusCode: 1001,
      disconnectReason: 'Going away',
    });
  });

  test.each(['from the client', 'to the client'])(
    'a message %s starts the ten minutes again',
    async (direction) => {
      const { client, connectionId } = await open();
      sandbox.emulator.clock.advance(9 * MINUTE);
      if (direction === 'from the client') {
        client.send({ action: 'echo', answer: { statusCode: 200, body: 'x' } });
      } else
        await sandbox
          .management()
          .send(new PostToConnectionCommand({ ConnectionId: connectionId, Data: 'x' }));
      await client.next();
      sandbox.emulator.clock.advance(9 * MINUTE);
      await sandbox.management().send(new GetConnectionCommand({ ConnectionId: connectionId }));
      sandbox.emulator.clock.advance(1 * MINUTE);
      expect((await client.closed).code).toBe(1001);
    },
  );

  test('a protocol ping is answered and is no activity', async () => {
    const { client } = await open();
    sandbox.emulator.clock.advance(9 * MINUTE);
    const pong = new Promise((resolve) => client.socket.once('pong', resolve));
    client.socket.ping();
    await pong;
    sandbox.emulator.clock.advance(1 * MINUTE);
    expect((await client.closed).code).toBe(1001);
  });

  test('two hours are the end, busy or not', async () => {
    const { client } = await open();
    for (let quarter = 0; quarter < 13; quarter++) {
      sandbox.emulator.clock.advance(9 * MINUTE);
      client.send({ action: 'echo', answer: { statusCode: 200, body: 'busy' } });
      await client.next();
    }
    sandbox.emulator.clock.advance(3 * MINUTE);
    expect((await client.closed).code).toBe(1001);
  });

  test('options shorten both', async () => {
    const short = await startSandbox({ idleSeconds: 1, lifetimeSeconds: 3600 });
    const client = await connect(short.url('live'));
    short.emulator.clock.advance(1_000);
    expect((await client.closed).code).toBe(1001);
    await short.close();
  });
});

describe('$disconnect', () => {
  test('after close() without a code: 1005 and its text', async () => {
    const { client, disconnected } = await open();
    client.socket.close();
    const event = await disconnected;
    expect(event['requestContext']).toMatchObject({
      routeKey: '$disconnect',
      disconnectStatusCode: 1005,
      disconnectReason: 'Client-side close frame status not set',
    });
  });

  test('has exactly the members of a real one', async () => {
    const { client, disconnected } = await open();
    client.socket.close(4001, 'bye');
    const event = await disconnected;
    const { requestContext } = event;
    expect(event['headers']).toEqual({
      Host: requestContext.domainName,
      'x-api-key': '',
      'X-Forwarded-For': '',
      'x-restapi': '',
    });
    expect(event['multiValueHeaders']).toEqual({
      Host: [requestContext.domainName],
      'x-api-key': [''],
      'X-Forwarded-For': [''],
      'x-restapi': [''],
    });
    expect(event['isBase64Encoded']).toBe(false);
    expect(requestContext).toMatchObject({
      eventType: 'DISCONNECT',
      messageDirection: 'IN',
      disconnectStatusCode: 4001,
      disconnectReason: 'bye',
    });
    expect('queryStringParameters' in event).toBe(false);
  });

  test('a socket that dies without a word is 1006', async () => {
    const { client, disconnected } = await open();
    client.socket.terminate();
    expect((await disconnected)['requestContext'].disconnectStatusCode).toBe(1006);
  });

  test('a browser that leaves is 1001 without a reason', async () => {
    const { client, disconnected } = await open();
    client.socket.close(1001);
    expect((await disconnected)['requestContext']).toMatchObject({
      disconnectStatusCode: 1001,
      disconnectReason: '',
    });
  });

  test('DeleteConnection is 1000 for both sides', async () => {
    const { client, connectionId, disconnected } = await open();
    const answer = await sandbox
      .management()
      .send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
    expect(answer.$metadata.httpStatusCode).toBe(204);
    expect((await client.closed).code).toBe(1000);
    expect((await disconnected)['requestContext']).toMatchObject({
      disconnectStatusCode: 1000,
      disconnectReason: 'Connection Closed Normally',
    });
  });

  test('a message right in front of the close frame still counts', async () => {
    const { client, disconnected } = await open();
    client.send({ action: 'quiet', last: 'words' });
    client.socket.close();
    await disconnected;
    await sandbox.seen((event) => String(event['body']).includes('"words"'));
  });

  test('a client that left while it was held gets its $disconnect', async () => {
    const opening = connect(sandbox.url('live?wait=100&tag=left')).catch(() => undefined);
    const { requestContext } = await sandbox.seen(
      (event) => event['queryStringParameters']?.['tag'] === 'left',
    );
    await sandbox.seen((event) => event['requestContext'].connectionId === requestContext.connectionId);
    const client = await opening;
    client?.socket.terminate();
    await sandbox.seen((event) => event['requestContext'].eventType === 'DISCONNECT');
  });

  test('the meter has it pending before the client gets the answer to its close frame', async () => {
    const socket = new WebSocket(sandbox.url('live'));
    const counts: (number | undefined)[] = [];
    socket.once('upgrade', (response) =>
      response.socket.on('data', () => {
        counts.push(sandbox.emulator.meter().events['open $disconnect']?.count);
      }),
    );
    await once(socket, 'open');
    socket.close();
    await once(socket, 'close');
    expect(counts[0]).toBe(1);
    while (sandbox.emulator.meter().pending > 0) await new Promise((resolve) => setImmediate(resolve));
    const { events } = sandbox.emulator.meter();
    expect(events['open $disconnect']).toMatchObject({ count: 1, lambdaInvocations: 1 });
  });
});

describe('chaos', () => {
  const REPLIES = 60;
  const orderOf = async (seed: string) => {
    const chaotic = await startSandbox({ chaosSeed: seed, concurrency: 2 });
    const client = await connect(chaotic.url('live'));
    for (let n = 0; n < REPLIES; n++)
      client.send({ action: 'echo', n, answer: { statusCode: 200, body: String(n) } });
    const order: string[] = [];
    while (order.length < REPLIES) order.push(await client.next());
    const handled = chaotic.count((event) => event['requestContext'].routeKey === 'echo');
    await chaotic.close();
    return { order, handled };
  };

  test('reorders messages and delivers some twice, but answers each once', async () => {
    const { order, handled } = await orderOf('storm');
    expect(new Set(order).size).toBe(REPLIES);
    expect(order).not.toEqual([...order].toSorted((a, b) => Number(a) - Number(b)));
    expect(handled).toBeGreaterThan(REPLIES);
  });
});
