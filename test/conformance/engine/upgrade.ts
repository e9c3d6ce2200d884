import { describe, expect, test } from 'vitest';
import { Polling } from '../support/polling.ts';
import { Wire } from '../support/wire.ts';
import type { Target } from '../target.ts';

const BAD_REQUEST = { status: 400, body: '{"code":3,"message":"Bad request"}' };

/** Published suites "upgrade" of both protocols. */
export function upgrade(target: Target): void {
  describe('upgrade from polling to WebSocket', () => {
    happy(target);
    after(target);
    failing(target);
  });
}

async function probing(session: Polling): Promise<Wire> {
  const wire = await Wire.opened(session.upgrade);
  wire.send('2probe');
  expect(await wire.next()).toBe('3probe');
  return wire;
}

async function upgraded(url: string): Promise<{ session: Polling; wire: Wire }> {
  const session = await Polling.session(url);
  await session.send('40');
  await session.take(2);
  const wire = await probing(session);
  expect(await session.body()).toBe('6');
  wire.send('5');
  return { session, wire };
}

function happy({ url }: Target): void {
  test('probe, answer, noop for the GET, upgrade', async () => {
    const { wire } = await upgraded(url());
    wire.send('42["message","hello"]');
    expect(await wire.next()).toBe('42["message-back","hello"]');
  });

  test('a GET that waits when the probe comes is released with a noop', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const waiting = session.body();
    const wire = await probing(session);
    expect(await waiting).toBe('6');
    wire.send('5', '42["message",1]');
    expect(await wire.next()).toBe('42["message-back",1]');
  });

  test('CONNECT may follow the upgrade in the same tick', async () => {
    const session = await Polling.session(url());
    const wire = await probing(session);
    expect(await session.body()).toBe('6');
    wire.send('5', '40');
    expect(await wire.next()).toMatch(/^40\{"sid":/);
    expect(await wire.next()).toBe('42["auth",{}]');
  });

  test('until the upgrade packet comes, packets go to the poll', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const wire = await probing(session);
    await session.send('42["message","before"]');
    expect(await session.next()).toBe('42["message-back","before"]');
    wire.send('5', '42["message","after"]');
    expect(await wire.next()).toBe('42["message-back","after"]');
  });

  test('what no poll has fetched comes over the WebSocket after the upgrade, once and in order', async () => {
    const session = await Polling.session(url());
    await session.send('40');
    await session.take(2);
    const wire = await probing(session);
    expect(await session.body()).toBe('6');
    await session.send('42["message",1]', '42["message",2]', '42["message",3]');
    wire.send('5');
    const frames = await wire.take(3);
    expect(frames).toEqual([1, 2, 3].map((n) => `42["message-back",${n}]`));
    wire.send('42["message","last"]');
    expect(await wire.next()).toBe('42["message-back","last"]');
  });
}

function after({ url, deviates }: Target): void {
  test('GET and POST are refused with code 3, and the session goes on', async () => {
    const { session, wire } = await upgraded(url());
    wire.send('42["message","upgraded"]');
    await wire.next();
    expect(await session.get()).toMatchObject(BAD_REQUEST);
    expect(await session.post('42["message","by POST"]')).toMatchObject(BAD_REQUEST);
    wire.send('42["message","hello"]');
    expect(await wire.next()).toBe('42["message-back","hello"]');
  });

  test('a GET right behind the upgrade packet is refused', async () => {
    const { session, wire } = await upgraded(url());
    expect((await session.get()).status).toBe(400);
    wire.send('42["message","hello"]');
    expect(await wire.next()).toBe('42["message-back","hello"]');
  });

  test('a second WebSocket of the session is not kept, and the session goes on', async () => {
    const { session, wire } = await upgraded(url());
    wire.send('42["message","upgraded"]');
    await wire.next();
    const second = new Wire(session.upgrade);
    await second.ended();
    expect(await second.status).toBe(deviates('upgrade-refusals') ? 403 : 101);
    expect(second.frames).toEqual([]);
    wire.send('42["message","hello"]');
    expect(await wire.next()).toBe('42["message-back","hello"]');
  });

  test('heartbeats go on over the WebSocket', async () => {
    const { wire } = await upgraded(url());
    for (let pings = 0; pings < 3; pings++) await wire.pinged();
    wire.send('421["message-with-ack"]');
    expect(await wire.next()).toBe('431[]');
  });
}

function failing({ url }: Target): void {
  const pollable = async (session: Polling) => {
    await session.send('40');
    expect(await session.next()).toMatch(/^40/);
    await session.next();
    await session.send('42["message","polling"]');
    expect(await session.next()).toBe('42["message-back","polling"]');
  };

  test('a WebSocket that is given up before it probed leaves polling intact', async () => {
    const session = await Polling.session(url());
    const wire = await Wire.opened(session.upgrade);
    await wire.close();
    await pollable(session);
  });

  test('a WebSocket that is given up after the probe leaves polling intact', async () => {
    const session = await Polling.session(url());
    const wire = await probing(session);
    await wire.close();
    await pollable(session);
  });

  test('anything but a probe closes the WebSocket and leaves polling intact', async () => {
    const session = await Polling.session(url());
    const wire = await Wire.opened(session.upgrade);
    wire.send('2');
    await wire.ended();
    await pollable(session);
  });
}
