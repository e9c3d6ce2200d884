import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { Emitter } from 'causeway/emitter';
import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { WebSocket } from 'ws';
import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import { createMemberStore } from '../../lambdas/adapters/dynamodb/members.ts';
import { createSessionStore } from '../../lambdas/adapters/dynamodb/sessions.ts';
import { createSocketIndex } from '../../lambdas/adapters/dynamodb/socketio/sockets.ts';
import type { ConnectionId, RoomId, SessionId, UserId } from '../../lambdas/domain/ids.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import type { Causeway } from './causeway.ts';
import { builtInToken } from './foreign-tokens.ts';
import { NativeClient } from './native-client.ts';
import { putEvents } from './put-events.ts';
import { rest, type Person } from './rest-client.ts';
import { stepsOf, type Step } from './scenario-step.ts';

type Options = Partial<ManagerOptions & SocketOptions>;

const NAMESPACE = '/dialects';
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const SECONDS_AT_MOST = 360;

interface Cast {
  readonly causeway: Causeway;
  readonly step: Step;
  readonly anna: Person;
  readonly roomId: string;
  /** Of anna, WebSocket alone. */
  readonly socket: Socket;
  readonly ben: Person;
  /** Of ben, polling alone. */
  readonly poller: Socket;
  readonly cleo: Person;
  /** Of cleo, in the room. */
  readonly native: NativeClient;
}

/** Chat in the words of the documents, beside the native protocol and REST, and what back ends may say. */
export async function useDialects(causeway: Causeway): Promise<void> {
  const step = stepsOf(causeway, { settled: false });
  const open: Socket[] = [];
  const connect = async (person: Person, options: Options): Promise<Socket> => {
    const auth = { token: person.token };
    const socket = io(causeway.urls.origin + NAMESPACE, { forceNew: true, auth, ...options });
    open.push(socket);
    await new Promise((resolve, reject) => {
      socket.once('connect', () => resolve(undefined));
      socket.once('connect_error', reject);
    });
    return socket;
  };
  try {
    const cast = await arrivals(causeway, step, connect);
    await messages(cast);
    await typing(cast);
    await notifications(cast);
    await departures(cast);
    await silence(cast);
    await oldAge(cast);
    await step('what is left of the dialects', () => causeway.quiet());
  } finally {
    for (const socket of open) socket.disconnect();
  }
}

async function arrivals(
  causeway: Causeway,
  step: Step,
  connect: (person: Person, options: Options) => Promise<Socket>,
): Promise<Cast> {
  const names = ['anna', 'ben', 'cleo'];
  const [anna, ben, cleo] = (await step('register people of the dialects', () =>
    Promise.all(names.map((name) => causeway.register(name))),
  )) as [Person, Person, Person];
  const roomId = await step('a room for them', () => causeway.createRoom(anna, [ben, cleo]));
  const native = await step('a native client', () => causeway.connect(cleo));
  await step('in the room', () => native.request({ action: 'join', roomId }));
  const socket = await step('a token over WebSocket', () => connect(anna, { transports: ['websocket'] }));
  const poller = await step('a token over polling', () => connect(ben, { transports: ['polling'] }));
  return { causeway, step, anna, ben, cleo, roomId, native, socket, poller };
}

/** Whoever says it, by whichever door: everybody hears it by theirs. */
async function messages({ causeway, step, anna, roomId, native, socket, poller }: Cast): Promise<void> {
  const say = (name: string, action: () => Promise<unknown>) =>
    step(`a message by ${name}`, () =>
      Promise.all([hears(socket, 'message:new'), hears(poller, 'message:new'), action()]),
    );
  const message = (content: string) => ({ chatId: roomId, content });
  await say('WebSocket', () => socket.emitWithAck('message:send', message('by WebSocket')));
  await say('polling', () => poller.emitWithAck('message:send', message('by polling')));
  await say('the native protocol', () => native.request({ action: 'send', roomId, content: 'native' }));
  await say('REST to sockets', () =>
    rest(causeway.urls.origin, {
      path: `/chat/rooms/${roomId}/messages`,
      token: anna.token,
      body: { content: 'by REST' },
    }),
  );
  await step('the native client heard all of them', async () => {
    for (const content of ['by WebSocket', 'by polling', 'by REST'])
      await native.next(
        (frame) => (frame['message'] as { content?: string } | undefined)?.content === content,
      );
  });
}

/** Each falls silent, and the others are told by the function `later`. */
async function typing({ causeway, step, roomId, native, socket, poller }: Cast): Promise<void> {
  for (const [typist, other] of [
    [socket, poller],
    [poller, socket],
  ] as const) {
    await step('typing', () =>
      Promise.all([hears(other, 'typing:start'), typist.emitWithAck('typing:start', { chatId: roomId })]),
    );
    await types(native);
    await plantGhosts(causeway, { roomId });
    await step('the end of typing, later', async () => {
      const told = hears(other, 'typing:stop');
      await causeway.advance(12_000);
      await told;
      await native.next((frame) => frame.event === 'typing.changed' && frame['isTyping'] === false);
    });
  }
}

async function notifications({ causeway, step, anna, ben, socket, poller }: Cast): Promise<void> {
  const client = new LambdaClient({
    endpoint: causeway.awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
    systemClockOffset: causeway.clock.now() - Date.now(),
  });
  const emitter = new Emitter({ functionName: causeway.outputs['NotifyFunction'] as string, client });
  try {
    await plantGhosts(causeway, { userId: anna.id });
    for (const [person, device] of [
      [anna, socket],
      [ben, poller],
    ] as const) {
      await step(`a notification by the Emitter for ${person.username}`, () =>
        Promise.all([
          hears(device, 'notification.new'),
          // By the other name of a user's room, too.
          emitter.to([person.id, `user_${person.id}`]).emit('notification.new', { title: 'by the Emitter' }),
        ]),
      );
    }
    await step('an event of a back end', () =>
      Promise.all([hears(socket, 'deploy'), emitter.of(NAMESPACE).to(anna.id).emit('deploy', 1)]),
    );
  } finally {
    client.destroy();
  }
  await step('a notification by EventBridge', async () => {
    // Somebody else, whose going offline is nobody's business here.
    const dora = await causeway.register('dora');
    const native = await causeway.connect(dora);
    const entries = [anna, dora].map(({ id: userId }) => ({
      Source: 'causeway',
      DetailType: 'notification.new',
      Detail: JSON.stringify({ userId, payload: { title: 'by EventBridge' } }),
    }));
    await Promise.all([
      hears(socket, 'notification.new'),
      native.next('notification.created'),
      putEvents(causeway, entries),
    ]);
    await native.close();
  });
}

/** Whoever goes is offline ten seconds later. */
async function departures({ causeway, step, anna, socket, poller }: Cast): Promise<void> {
  await step('going offline, later', async () => {
    const told = hears(poller, 'user:status');
    socket.disconnect();
    await causeway.advance(1_000);
    while ((await connections(causeway)) > 1);
    for (let second = 0; second < 12; second++) await causeway.advance(1_000);
    const status = (await told) as { userId: string; status: string };
    if (status.userId !== anna.id || status.status !== 'offline') throw new Error(JSON.stringify(status));
  });
  await step('a goodbye by polling, in a dialect', async () => {
    poller.disconnect();
    await causeway.advance(12_000);
  });
}

/** A client that types and answers no ping: the sweep ends it, and those it was typing to are told. */
/** One of two native connections goes, so that API Gateway is asked for the other; then that one grows old. */
async function oldAge({ causeway, step, native, cleo }: Cast): Promise<void> {
  await step('one of two native connections goes', async () => {
    const [stays, goes] = [await causeway.connect(cleo), await causeway.connect(cleo)];
    await causeway.advance(20_000);
    await goes.close();
    for (let seconds = 0; seconds < 15; seconds++) {
      await causeway.advance(1_000);
      await causeway.quiet();
    }
    await stays.close();
  });
  await step('the sweep closes a native connection before API Gateway does', async () => {
    await native.close();
    const token = await builtInToken(causeway, cleo.id, { lifeSeconds: 3 * 3_600 });
    const old = await NativeClient.connect(`${causeway.urls.native}?token=${token}`);
    for (let minute = 0; minute < 120 && old.socket.readyState === WebSocket.OPEN; minute++) {
      old.send({ action: 'ping' });
      await causeway.advance(MINUTE_MS);
      await causeway.quiet();
    }
    await old.closed;
  });
}

async function silence({ causeway, step, anna, roomId, native }: Cast): Promise<void> {
  await step('the sweep ends who types and heeds nothing', async () => {
    const peer = await typist(causeway, anna);
    const closed = once(peer, 'close');
    // Whenever the sweep comes, it was typing within the last ten seconds.
    for (let seconds = 0; seconds < SECONDS_AT_MOST && peer.readyState === WebSocket.OPEN; seconds += 8) {
      peer.send(`42${NAMESPACE},["typing:start",{"chatId":"${roomId}"}]`);
      await Promise.race([closed, types(native).catch(() => {})]);
      await causeway.advance(8_000);
    }
    await closed;
    await causeway.advance(12_000);
  });
}

function types(native: NativeClient): Promise<unknown> {
  return native.next((frame) => frame.event === 'typing.changed' && frame['isTyping'] === true);
}

async function typist({ urls }: Causeway, { token }: Person): Promise<WebSocket> {
  const peer = new WebSocket(`${urls.origin.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`);
  await once(peer, 'message');
  peer.send(`40${NAMESPACE},${JSON.stringify({ token })}`);
  await once(peer, 'message');
  return peer;
}

/**
 * Rows of connections that died without a `$disconnect`, in a room or of a user: whoever posts to them finds them gone and
 * removes them.
 */
async function plantGhosts(
  { awsEndpoint, clock, outputs }: Causeway,
  { roomId, userId }: { readonly roomId?: string; readonly userId?: string },
): Promise<void> {
  const dynamo = new DynamoDBClient({
    endpoint: awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
    systemClockOffset: clock.now() - Date.now(),
  });
  const now = clock.now();
  const client = DynamoDBDocumentClient.from(dynamo);
  const table = { tableName: outputs['TableName'] as string, client, now: () => now };
  const connectionId = `${randomBytes(11).toString('base64url')}=` as ConnectionId;
  const ghost = { connectionId, dialect: 'native' } as const;
  try {
    if (roomId !== undefined)
      await createMemberStore(table).add(
        { ...ghost, userId: 'ghost' as UserId, roomId: roomId as RoomId, shard: 0 },
        now + HOUR_MS,
      );
    if (userId !== undefined)
      await createSessionStore(table).open(
        {
          ...ghost,
          userId: userId as UserId,
          sessionId: 'a-session-of-a-ghost' as SessionId,
          connectedAt: now - MINUTE_MS,
          rooms: [],
        },
        now + HOUR_MS,
      );
    if (userId !== undefined)
      await createSocketIndex(table).add(
        { nsp: NAMESPACE, room: userId },
        { socketId: 'a-socket-of-a-ghost', sid: 'a-ghost-that-polled' as EngineId },
        now + HOUR_MS,
      );
  } finally {
    dynamo.destroy();
  }
}

async function hears(socket: Socket, event: string): Promise<unknown> {
  return ((await once(socket as never, event)) as unknown[])[0];
}

async function connections({ urls }: Causeway): Promise<number> {
  const response = await fetch(`${urls.origin}/_emulator/connections`);
  return ((await response.json()) as unknown[]).length;
}
