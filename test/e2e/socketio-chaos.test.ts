import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { afterEach, describe, expect, test } from 'vitest';
import { Wire } from '../conformance/support/wire.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';

/** `CAUSEWAY_CHAOS_SEEDS=a,b` plays others. */
const SEEDS = process.env['CAUSEWAY_CHAOS_SEEDS']?.split(',') ?? ['tide', 'gale', 'ebb'];
const TRANSPORTS = [['polling', 'websocket'], ['websocket'], ['polling']];
const CLIENTS = 6;
const MESSAGES = 12;
/** What API Gateway says to a client in place of a function that failed. */
const GATEWAY_ERROR = /"message": ?"(Internal server error|Endpoint request timed out|Forbidden)"/;

interface Talker {
  readonly socket: Socket;
  readonly name: string;
  readonly received: string[];
  readonly raw: string[];
  readonly disconnects: string[];
}

let causeway: Causeway;
let talkers: Talker[] = [];

afterEach(async () => {
  for (const { socket } of talkers) socket.disconnect();
  await causeway.close();
});

/**
 * Frames that overtake one another or come twice, slow and throttled posts, slow and throttled reads and writes, cold
 * starts, `$disconnect` late or never.
 */
describe.each(SEEDS)('chaos %s', (chaosSeed) => {
  test('every message reaches everybody, nobody is disconnected, and API Gateway never speaks for a function', async () => {
    causeway = await startCauseway({
      configFile: 'examples/custom-server/causeway.config.ts',
      chaosSeed,
    });
    talkers = await Promise.all(Array.from({ length: CLIENTS }, (_, n) => enter(`client${n}`, n)));
    const nuisance = await vandal();
    await Promise.all(talkers.map(talk));
    await Promise.all(talkers.map(heardEverything));

    expect(talkers.flatMap(({ disconnects }) => disconnects)).toEqual([]);
    const frames = [
      ...talkers.flatMap(({ raw }) => raw),
      ...nuisance.flatMap((wire) => wire.frames.map(String)),
    ];
    expect(frames.filter((frame) => GATEWAY_ERROR.test(frame))).toEqual([]);
    // And nobody else got one: each of them is an integration that failed.
    const failures = causeway.logs.filter(
      ({ level, source }) => level === 'error' && source.startsWith('apigateway/'),
    );
    expect(failures).toEqual([]);
    expect(causeway.permissions().denied).toEqual([]);
  }, 120_000);
});

async function enter(name: string, n: number): Promise<Talker> {
  const socket = io(causeway.urls.origin, {
    auth: { name },
    transports: TRANSPORTS[n % TRANSPORTS.length]!,
    forceNew: true,
  });
  const talker: Talker = { socket, name, received: [], raw: [], disconnects: [] };
  socket.on('disconnect', (reason) =>
    talker.disconnects.push(
      `${name}, ${socket.io.engine.transport.name}: ${reason} after ${talker.raw.at(-1)}`,
    ),
  );
  socket.on('said', (said: { name: string; text: string }) => {
    talker.received.push(`${said.name}: ${said.text}`);
    socket.emit('noticed'); // nobody listens: just traffic
  });
  socket.io.on('open', () => socket.io.engine.on('data', (data: unknown) => talker.raw.push(String(data))));
  if (!socket.connected) await once(socket as never, 'connect');
  await socket.emitWithAck('join', 'storm');
  return talker;
}

async function talk({ socket, name }: Talker): Promise<void> {
  for (let n = 0; n < MESSAGES; n++) {
    const answer = (await socket.emitWithAck('say', 'storm', `${name} ${n}`)) as { ok: boolean };
    expect(answer).toEqual({ ok: true });
  }
}

/** At least once: a frame that API Gateway delivers twice is handled twice, there as well. */
async function heardEverything({ socket, received }: Talker): Promise<void> {
  const missing = () => {
    const heard = new Set(received);
    return talkers.flatMap(({ name }) =>
      Array.from({ length: MESSAGES }, (_, n) => `${name}: ${name} ${n}`).filter((text) => !heard.has(text)),
    );
  };
  const patience = AbortSignal.timeout(20_000);
  while (missing().length > 0) {
    await once(socket as never, 'said', { signal: patience }).catch(() => {
      throw new Error(`missing: ${missing().join(', ')}`);
    });
  }
}

/** Somebody who sends nonsense meanwhile. */
async function vandal(): Promise<readonly Wire[]> {
  const nonsense = [
    'abc',
    '4abc',
    '40{',
    '42',
    '42["say"]',
    '451-["say",{"_placeholder":true,"num":0}]',
    '5',
    '2probe',
  ];
  return Promise.all(
    nonsense.map(async (frame) => {
      const wire = await Wire.session(causeway.urls.origin);
      wire.send('40{"name":"vandal"}', frame, '42["join"]', frame);
      return wire;
    }),
  );
}
