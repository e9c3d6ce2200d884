import { once } from 'node:events';

import fc from 'fast-check';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startCauseway, type Causeway } from '../support/causeway.ts';
import { VALID, wrongOf, type Facts } from '../support/hostile-events.ts';
import { openTable, type OperatorTable, type Row } from '../support/operator-table.ts';
import { builtInToken } from '../support/foreign-tokens.ts';
import { rest, type Person } from '../support/rest-client.ts';

/** As many of each event; test/compat/chat/hostile.property.test.ts has the volume. */
const SAMPLES = 8;
const PATIENCE_MS = 10_000;

let causeway: Causeway;
let table: OperatorTable;
let eve: Socket;
let anna: Socket;
let facts: Facts;
/** What anna is told; nothing, while eve is refused. */
const strays: unknown[] = [];
/** `error` events that eve got. */
const errors: unknown[] = [];

beforeAll(async () => {
  causeway = await startCauseway();
  table = openTable(causeway);
  const [eveAs, annaAs] = await Promise.all([causeway.register('eve'), causeway.register('anna')]);
  const [room, foreignRoom] = [
    await causeway.createRoom(annaAs, [eveAs]),
    await causeway.createRoom(annaAs, []),
  ];
  facts = {
    room,
    foreignRoom,
    message: await post(annaAs, room),
    foreignMessage: await post(annaAs, foreignRoom),
    notification: await notify(eveAs),
    foreignNotification: await notify(annaAs),
  };
  anna = await enter(annaAs);
  eve = await enter(eveAs);
  // Until everybody has heard who came.
  await causeway.advance(5_000);
  await causeway.quiet();
  await anna.emitWithAck('fence');
  anna.onAny((...heard: unknown[]) => strays.push(heard));
  eve.on('error', (problem) => errors.push(problem));
});
afterAll(async () => {
  table?.close();
  await causeway?.close();
});

async function post(person: Person, room: string): Promise<string> {
  const path = `/chat/rooms/${room}/messages`;
  const { body } = await rest(causeway.urls.origin, { path, token: person.token, body: { content: 'x' } });
  return body.id as string;
}

async function notify(person: Person): Promise<string> {
  const token = await builtInToken(causeway, person.id, { username: 'service', role: 'service' });
  const body = { userId: person.id, payload: { title: 'x' } };
  const answer = await rest(causeway.urls.origin, { path: '/notifications', token, body });
  return answer.body.id as string;
}

async function enter(person: Person): Promise<Socket> {
  const socket = io(causeway.urls.origin, {
    auth: { token: person.token },
    forceNew: true,
    forceBase64: true,
    transports: ['websocket'],
  });
  await once(socket as never, 'connect');
  return socket;
}

/** Rows, without what a session notes of when it was heard of. */
async function state(): Promise<ReadonlyMap<string, Row>> {
  const rows = [...(await table.rows())].map(
    ([key, row]) => [key, key.startsWith('SIO#') ? socketsOf(row) : row] as const,
  );
  return new Map(rows);
}

/** Of a session its sockets: their rooms, data and tag. The rest says when it was last heard of. */
const socketsOf = ({ s }: Row): Row => ({ s });

async function ask(
  event: string,
  args: readonly unknown[],
): Promise<{ error?: { code: string; message: string } }> {
  return (await eve.timeout(PATIENCE_MS).emitWithAck(event, ...args)) as {
    error?: { code: string; message: string };
  };
}

describe.each(VALID)('$dialect $event', (valid) => {
  test('with a wrong payload is refused as documented, and no row changes', async () => {
    const wrongs = fc.sample(wrongOf(valid, facts), { numRuns: SAMPLES, seed: 20_260 });
    const before = await state();
    for (const { args, code, why } of wrongs) {
      // JSON.parse makes `__proto__` a key as any other, and socket.io-client writes it out again.
      const values = args.map((arg) => JSON.parse(arg) as unknown);
      const { error } = await ask(valid.event, values);
      expect(error, why).toEqual({ code, message: expect.any(String) });
      errors.length = 0;
      eve.emit(valid.event, ...values);
      await ask('fence', []);
      await causeway.quiet();
      await ask('fence', []);
      expect(errors, why).toEqual([{ message: error?.message }]);
    }
    expect(await state()).toEqual(before);
    await anna.emitWithAck('fence');
    expect(strays).toEqual([]);
    expect([eve.connected, anna.connected]).toEqual([true, true]);
  });

  test('with an attachment is refused, and no row changes', async () => {
    const right = valid.payload(facts);
    const before = await state();
    const hidden =
      typeof right === 'boolean' ? Buffer.from('x') : { ...right, extra: { deep: [Buffer.from('x')] } };
    expect(await ask(valid.event, [hidden])).toMatchObject({ error: { code: 'invalid_field' } });
    await causeway.quiet();
    expect(await state()).toEqual(before);
    expect(strays).toEqual([]);
  });
});
