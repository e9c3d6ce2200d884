import { once } from 'node:events';
import { get } from 'node:http';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { WebSocket } from 'ws';
import type { Causeway } from './causeway.ts';
import { NativeClient } from './native-client.ts';
import { onRoute, stepsOf, type Step } from './scenario-step.ts';

type Options = Partial<ManagerOptions & SocketOptions>;

const ROOM = 'room';
/** An API without `$connect` lets everybody in and says nothing. */
const OPEN_TIMEOUT_MS = 6_000;
const MINUTE_MS = 60_000;
/** Two would do if everybody answered at once. */
const MINUTES_AT_MOST = 6;
/** What a viewer claims to come from, and what it comes from. */
const CLAIM = { 'x-forwarded-for': '203.0.113.9' };
const VIEWERS = ['127.0.0.1', '::1'];

interface Cast {
  readonly causeway: Causeway;
  readonly step: Step;
  /** Default options: began by polling and is on a WebSocket. */
  readonly alice: Socket;
  /** WebSocket alone. */
  readonly bob: Socket;
  /** Polling alone. */
  readonly carol: Socket;
}

/** Everything of Socket.IO, by unmodified clients through CloudFront, with the application of test/fixtures/socketio/everything. */
export async function useSocketIo(causeway: Causeway): Promise<void> {
  const step = stepsOf(causeway, { settled: false });
  const open: Socket[] = [];
  const connect: Connect = (options, until = connected) => {
    const socket = io(causeway.urls.origin, { forceNew: true, reconnectionDelay: 1, ...options });
    open.push(socket);
    return until(socket);
  };
  try {
    const cast = await arrivals(causeway, step, connect);
    await viewers(cast);
    await rooms(cast);
    await throwingOut(cast);
    await recovery(cast);
    await goodbyes(cast);
    await heartbeats(causeway, step, connect);
    await nativeBesides(causeway, step);
    await withoutCloudFront(causeway, step);
    await step('what is left', () => causeway.quiet());
  } finally {
    for (const socket of open) socket.disconnect();
  }
}

type Connect = (options: Options, until?: (socket: Socket) => Promise<Socket>) => Promise<Socket>;

async function arrivals(causeway: Causeway, step: Step, connect: Connect): Promise<Cast> {
  await step('the schedule of the sweep', async () => {
    await causeway.advance(MINUTE_MS);
    if (causeway.meter().total.scheduledInvokes === 0) throw new Error('no schedule called the sweep');
  });
  const carol = await step('polling', () =>
    onRoute(causeway, 'causeway-everything-http ANY /socket.io/{proxy+}', () =>
      connect({ transports: ['polling'], extraHeaders: CLAIM }),
    ),
  );
  const bob = await step('CloudFront behaviour /socket.io and its function: a WebSocket', () =>
    connect({
      transports: ['websocket'],
      addTrailingSlash: false,
      extraHeaders: CLAIM,
      timeout: OPEN_TIMEOUT_MS,
    }),
  );
  const alice = await step(
    'CloudFront behaviour /socket.io/* and its function: default options',
    // A refused upgrade is told before the connection.
    () => connect({}, async (socket) => (await Promise.all([connected(socket), upgraded(socket)]))[0]),
  );
  return { causeway, step, alice, bob, carol };
}

/** Nothing a client claims decides its address, and no application sees how CloudFront proves itself. */
async function viewers({ step, bob, carol }: Cast): Promise<void> {
  for (const [origin, socket] of [
    ['http', carol],
    ['socketio', bob],
  ] as const)
    await step(`the address of a viewer, through origin ${origin}`, async () => {
      const { address, headers } = (await socket.emitWithAck('who am I')) as {
        address: string;
        headers: object;
      };
      if (!VIEWERS.includes(address)) throw new Error(`the application was told ${address}`);
      if ('x-causeway-edge' in headers) throw new Error('the application saw the key of CloudFront');
    });
}

/** Whoever asks, by whichever transport: the others are reached by theirs. */
async function rooms({ step, alice, bob, carol }: Cast): Promise<void> {
  const people = { alice, bob, carol };
  const sockets = Object.values(people);
  for (const [at, socket] of sockets.entries()) {
    const members = await step('join a room', () => socket.emitWithAck('join', ROOM));
    if (members !== at + 1) throw new Error(`${String(members)} members instead of ${at + 1}`);
    socket.on('question', (answer: (name: string) => void) => answer('an answer'));
  }
  for (const [name, speaker] of Object.entries(people)) {
    await step(`${name} speaks to a room`, async () => {
      const heard = sockets.map((socket) => once(socket as never, 'said'));
      await speaker.emitWithAck('say', ROOM, name);
      await Promise.all(heard);
    });
    await step(`${name} asks a room`, async () => {
      const answers = (await speaker.emitWithAck('ask', ROOM)) as unknown[];
      if (answers.length !== sockets.length - 1) throw new Error(`answered by ${JSON.stringify(answers)}`);
    });
  }
  await step('leave a room', () => bob.emitWithAck('leave', ROOM));
}

/** The guests wait to be cut: one that went by itself when told would race with whoever cuts it. */
async function throwingOut({ causeway, step, alice, carol }: Cast): Promise<void> {
  for (const [name, host] of Object.entries({ alice, carol })) {
    await step(`${name} throws somebody out`, async () => {
      const guest = await silentPeer(causeway, 'guests');
      const out = once(guest, 'close');
      await host.emitWithAck('throw out', 'guests');
      await out;
    });
  }
}

async function recovery({ causeway, step, bob, alice }: Cast): Promise<void> {
  await step('recovery of a lost connection', async () => {
    await bob.emitWithAck('join', ROOM);
    // What was told together with the last event a client knows may be in doubt, and who is in doubt starts anew.
    await causeway.advance(5_000);
    const heard = once(bob as never, 'said');
    await alice.emitWithAck('say', ROOM, 'an event gives the offset');
    await heard;
    await causeway.advance(5_000);
    const [lost, back] = [once(bob as never, 'disconnect'), once(bob as never, 'connect')];
    bob.io.engine.close();
    await lost;
    await alice.emitWithAck('say', ROOM, 'missed');
    await back;
    if (!bob.recovered) throw new Error(`it came back as a stranger: ${anew(causeway)}`);
  });
}

/** The sessions' ends are told to those who are left, by the function that ended them. */
async function goodbyes({ causeway, step, alice, bob, carol }: Cast): Promise<void> {
  await step('a goodbye by polling', async () => {
    const told = once(alice as never, 'somebody left');
    carol.disconnect();
    await told;
  });
  await step('$disconnect of Socket.IO', async () => {
    const told = once(bob as never, 'somebody left');
    await onRoute(causeway, 'causeway-everything-socketio $disconnect', async () => {
      alice.io.reconnection(false);
      // Without the packet that says goodbye.
      alice.io.engine.close();
      while ((await connections(causeway)) > 1);
      await causeway.quiet();
    });
    await told;
  });
  bob.disconnect();
}

/** Everybody is pinged; whoever does not answer is ended, and the others are told. */
async function heartbeats(causeway: Causeway, step: Step, connect: Connect): Promise<void> {
  await step('the sweep pings, and ends who does not answer', async () => {
    const witness = await connect({ transports: ['websocket'] });
    const [pinged, told] = [once(witness.io as never, 'ping'), once(witness as never, 'somebody left')];
    const peer = await silentPeer(causeway, 'the silent');
    const ended = once(peer, 'close');
    const over = new AbortController();
    const all = Promise.all([pinged, ended, told]).then(() => over.abort());
    // A ping each minute; the next one finds that it was not answered. The others' answers need time of their own.
    for (let minute = 0; minute < MINUTES_AT_MOST && !over.signal.aborted; minute++) {
      await causeway.advance(MINUTE_MS);
      await causeway.quiet();
    }
    await all;
    witness.disconnect();
    await causeway.quiet();
  });
}

/** Joins the namespace and a room, and then says nothing more and heeds nothing. */
async function silentPeer({ urls }: Causeway, room: string): Promise<WebSocket> {
  const url = `${urls.origin.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
  const peer = new WebSocket(url);
  const exchange = [['0', '40'], ['40', `420["join","${room}"]`], ['430']] as const;
  for (const [expected, answer] of exchange) {
    const [packet] = (await once(peer, 'message')) as [Buffer];
    if (!packet.toString().startsWith(expected))
      throw new Error(`got ${packet.toString()} instead of ${expected}`);
    if (answer !== undefined) peer.send(answer);
  }
  return peer;
}

/** For pages that may talk to no other origin. */
async function nativeBesides(causeway: Causeway, step: Step): Promise<void> {
  const { token } = await causeway.register('nina');
  await step('a native client on the one origin', async () => {
    const url = `${causeway.urls.origin.replace('http', 'ws')}/native?token=${token}`;
    const client = await NativeClient.connect(url);
    await client.request({ action: 'ping' });
    client.socket.close();
  });
}

/** One of the keys of the polling function serves this path only where no CloudFront Function adds a slash. */
async function withoutCloudFront(causeway: Causeway, step: Step): Promise<void> {
  const label = 'causeway-everything-http ANY /socket.io';
  await step('polling without CloudFront', () =>
    onRoute(causeway, label, async () => {
      const url = new URL('/socket.io?EIO=4&transport=polling', causeway.urls.origin);
      const { host } = new URL(causeway.outputs['HttpUrl'] as string);
      const status = await new Promise<number | undefined>((resolve, reject) => {
        get(url, { headers: { host } }, (answer) => resolve(answer.resume().statusCode)).on('error', reject);
      });
      if (status !== 200) throw new Error(`answered ${status} instead of 200`);
    }),
  );
}

async function connections({ urls }: Causeway): Promise<number> {
  const response = await fetch(`${urls.origin}/_emulator/connections`);
  return ((await response.json()) as unknown[]).length;
}

function connected(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(socket));
    socket.once('connect_error', (error) => {
      socket.disconnect();
      const { description } = error as { description?: unknown };
      reject(new Error(`${error.message} (${describe(description)})`, { cause: error }));
    });
  });
}

function describe(description: unknown): string {
  return typeof description === 'object' && description !== null && 'message' in description
    ? String(description.message)
    : typeof description === 'number' || typeof description === 'string'
      ? String(description)
      : 'no details';
}

function upgraded({ io: { engine } }: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    if (engine.transport.name === 'websocket') return resolve();
    engine.once('upgrade', () => resolve());
    engine.once('upgradeError', reject);
  });
}

function anew({ logs }: Causeway): string {
  return JSON.stringify(logs.findLast(({ message }) => message.includes('starts anew')));
}
