import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { address } from '../support/address.ts';
import { ask, Polling, SEPARATOR } from '../support/polling.ts';
import { Wire } from '../support/wire.ts';
import { SETTINGS, type Target } from '../target.ts';

const UNKNOWN_SID = { status: 400, body: '{"code":1,"message":"Session ID unknown"}' };

/** Published suite "message, HTTP long-polling", and what engine.io answers in its transports/polling.ts. */
export function polling(target: Target): void {
  describe('payloads', () => payloads(target));
  describe('requests that end a session', () => endings(target));
  describe('requests that do not', () => refusals(target));
}

function payloads({ url }: Target): void {
  test('a POST answers ok as text/html, and a GET brings the answer', async () => {
    const session = await Polling.session(url());
    const posted = await session.post('40');
    expect(posted).toMatchObject({ status: 200, body: 'ok' });
    expect(posted.headers.get('content-type')).toBe('text/html');
    const polled = await session.get();
    expect(polled.status).toBe(200);
    expect(polled.headers.get('content-type')).toBe('text/plain; charset=UTF-8');
    expect(polled.body.split(SEPARATOR)[0]).toMatch(/^40\{"sid":"[\w-]{20}"\}$/);
  });

  test('several packets of one POST are handled and answered in their order', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    await session.send('42["message",1]', '421["message-with-ack",2]', '42["message",3]');
    expect(await session.take(3)).toEqual(['42["message-back",1]', '431[2]', '42["message-back",3]']);
  });

  test('packets that wait come in one body, separated and not terminated by the record separator', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    await session.send('42["message","a"]', '42["message","b"]');
    expect(await session.body()).toBe(`42["message-back","a"]${SEPARATOR}42["message-back","b"]`);
  });

  test('text and binary packets travel in one payload, binary as b and base64', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    await session.send('451-["message",{"_placeholder":true,"num":0}]', 'bAQIDBA==');
    expect(await session.take(2)).toEqual([
      '451-["message-back",{"_placeholder":true,"num":0}]',
      'bAQIDBA==',
    ]);
  });

  test('text beyond ASCII arrives as sent', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const words = ['żółć', '漢字', '😀👩‍👩‍👧', '\u2028\u2029', '"\\\n'];
    await session.send(`42${JSON.stringify(['message', ...words])}`);
    expect(await session.next()).toBe(`42${JSON.stringify(['message-back', ...words])}`);
  });

  test('a GET waits for a packet that is sent later', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const [packet] = await Promise.all([session.next(), session.send('42["message","late"]')]);
    expect(packet).toBe('42["message-back","late"]');
  });

  test('twenty events in one POST come back complete and in order', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const numbers = Array.from({ length: 20 }, (_, n) => n);
    await session.send(...numbers.map((n) => `42["message",${n}]`));
    expect(await session.take(20)).toEqual(numbers.map((n) => `42["message-back",${n}]`));
  });
}

function endings({ url, deviates }: Target): void {
  const expectEnded = async (session: Polling) => expect(await session.get()).toMatchObject(UNKNOWN_SID);

  test.each(['abc', '7', 'x', '4hello\u001Eabc'])('the invalid payload %j', async (body) => {
    const session = await Polling.session(url());
    // A stock server has answered before it decodes; refusing is as good.
    expect([200, 400]).toContain((await session.post(body)).status);
    await session.ended();
    await expectEnded(session);
  });

  test('a second GET while one waits: it gets an empty 400, the first one a close packet', async () => {
    const session = await Polling.session(url());
    const first = session.get();
    await new Promise((resolve) => setTimeout(resolve, 5)); // so that it is the first one
    const second = await session.get();
    expect(second).toMatchObject({ status: 400, body: '' });
    expect(await first).toMatchObject({ status: 200, body: '1' });
    await expectEnded(session);
  });

  test('a GET that its client gave up', async () => {
    const session = await Polling.session(url());
    const given = new AbortController();
    const aborted = session.get({ signal: given.signal });
    await new Promise((resolve) => setTimeout(resolve, 5)); // so that it has been sent
    given.abort();
    await expect(aborted).rejects.toThrow('aborted');
    const { status } = await session.get();
    if (deviates('aborted-poll')) {
      expect([200, 400]).toContain(status);
      return;
    }
    // Refused as unknown, or as a second GET by a server that has not noticed the end of the first.
    expect(status).toBe(400);
    await expectEnded(session);
  });

  test('a POST while another one is still being sent', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const first = await openPost(session.address(), '42["message","first"]');
    const second = await session.post('42["message","second"]');
    if (deviates('overlapping-posts')) {
      expect(second).toMatchObject({ status: 200, body: 'ok' });
      expect(await session.next()).toBe('42["message-back","second"]');
      expect(await first.finish()).toBe(200);
      expect(await session.next()).toBe('42["message-back","first"]');
      return;
    }
    expect(second).toMatchObject({ status: 400, body: '' });
    await expectEnded(session);
    first.abort();
  });

  test('a body of octets, which EIO 4 does not have', async () => {
    const session = await Polling.session(url());
    expect(await session.post('4hello', { 'content-type': 'application/octet-stream' })).toMatchObject({
      status: 400,
      body: '',
    });
    await expectEnded(session);
  });

  test('a ping from the client', async () => {
    const session = await Polling.session(url());
    await session.post('2');
    await expectEnded(session);
  });
}

function refusals({ url, deviates }: Target): void {
  const alive = async (session: Polling) => {
    await session.send('40');
    expect(await session.next()).toMatch(/^40/);
  };

  test('a body above maxPayload is answered with an empty 413', async () => {
    const session = await Polling.session(url());
    const answer = await session.post(`4${'x'.repeat(2 * SETTINGS.maxPayloadBytes)}`);
    expect(answer).toMatchObject({ status: 413, body: '' });
    await alive(session);
  });

  test('a large body below maxPayload is fine', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const text = 'x'.repeat(100_000);
    await session.send(`420["message-with-ack","${text}"]`);
    expect(await session.next()).toBe(`430["${text}"]`);
  });

  test('a packet of 200 KB to a client', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const text = 'x'.repeat(200_000);
    await session.send(`42["message","${text}"]`);
    if (deviates('packet-size'))
      expect(await session.next()).toBe('42["error",{"message":"Internal error"}]');
    else expect(await session.next()).toBe(`42["message-back","${text}"]`);
    await session.send('420["message-with-ack"]');
    expect(await session.next()).toBe('430[]');
  });

  test.each(['PUT', 'DELETE', 'PATCH'])('%s with a sid is answered with an empty 500', async (method) => {
    const session = await Polling.session(url());
    expect(await ask(session.address(), { method })).toMatchObject({ status: 500, body: '' });
    await alive(session);
  });

  test('another protocol version than the one the session was opened with is refused with code 3', async () => {
    const session = await Polling.session(url());
    expect(await ask(session.address({ EIO: '3' }))).toMatchObject({
      status: 400,
      body: '{"code":3,"message":"Bad request"}',
    });
    await alive(session);
  });

  test('the session of a WebSocket cannot be polled', async () => {
    const wire = await Wire.session(url());
    const { sid } = JSON.parse(String(wire.frames[0]).slice(1)) as { sid: string };
    expect(await ask(address(url(), 'polling', { sid }))).toMatchObject({
      status: 400,
      body: '{"code":3,"message":"Bad request"}',
    });
    wire.send('40');
    expect(await wire.next()).toMatch(/^40/);
  });
}

/** A POST of which all but the last byte has been sent. */
async function openPost(url: string, body: string) {
  const post = request(url, {
    method: 'POST',
    headers: { 'content-type': 'text/plain;charset=UTF-8', 'content-length': body.length },
  });
  post.on('error', () => {}); // a server that refuses the other one may cut this one, too
  post.write(body.slice(0, -1));
  const [socket] = (await once(post, 'socket')) as [Socket];
  if (socket.connecting) await once(socket, 'connect');
  await new Promise((resolve) => setTimeout(resolve, 20)); // so that it has arrived
  return {
    abort: () => void post.destroy(),
    async finish(): Promise<number | undefined> {
      const answered = once(post, 'response') as Promise<[IncomingMessage]>;
      post.end(body.slice(-1));
      const [response] = await answered;
      response.resume();
      return response.statusCode;
    },
  };
}
