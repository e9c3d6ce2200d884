import { randomUUID } from 'node:crypto';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { io, type Socket } from 'socket.io-client';
import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import type { ConnectionId, RoomId, UserId } from '../../lambdas/domain/ids.ts';
import type { Mailing, SocketAddress } from '../../lambdas/ports/mail.ts';
import type { EngineId } from '../../lambdas/ports/socketio.ts';
import { encodeMailing } from '../../lambdas/wire/mailing.ts';
import type { Causeway } from './causeway.ts';
import { event } from './fakes/fake-mail.ts';
import type { NativeClient } from './native-client.ts';
import { putEvents } from './put-events.ts';
import { rest, type Person } from './rest-client.ts';
import { stepsOf, type Step } from './scenario-step.ts';
import { useUnreachable } from './unreachable.ts';

const NAMESPACE = '/dialects';
/** More than the configuration lets one invocation tell (test/fixtures/socketio/everything). */
const CROWD = 6;
/** More than one bag. */
const GHOSTS = 501;

interface Cast {
  readonly causeway: Causeway;
  readonly step: Step;
  readonly anna: Person;
  readonly roomId: string;
  readonly natives: readonly NativeClient[];
}

/** What more are told than one invocation tells, or later than the others. */
export async function useCrowd(causeway: Causeway): Promise<void> {
  const step = stepsOf(causeway, { settled: false });
  const sockets: Socket[] = [];
  const anna = await causeway.register('anna-of-the-crowd');
  const roomId = await step('a room for a crowd', () => causeway.createRoom(anna, []));
  const natives = await step('a crowd joins', () => Promise.all(Array.from({ length: CROWD }, join)));
  const cast = { causeway, step, anna, roomId, natives };
  try {
    await messages(cast, (transport) => enter(cast, sockets, transport));
    await notification(cast);
    // While a poll is held, it is never quiet.
    sockets[1]!.disconnect();
    await step('the poller of the crowd leaves', () => causeway.quiet());
    await mailings(cast, sockets[0]!);
    // It was cut, and would come back when Lambda takes no invocation.
    sockets[0]!.disconnect();
    await step('the socket of the crowd leaves', () => causeway.quiet());
    await useUnreachable(causeway, step, NAMESPACE);
    await Promise.all(natives.map((native) => native.close()));
    await step('what is left of the crowd', () => causeway.quiet());
  } finally {
    for (const socket of sockets) socket.disconnect();
  }

  async function join(): Promise<NativeClient> {
    const native = await causeway.connect(anna);
    await native.request({ action: 'join', roomId });
    return native;
  }
}

async function enter({ causeway, anna }: Cast, open: Socket[], transport: 'polling' | 'websocket') {
  const options = { forceNew: true, auth: { token: anna.token }, transports: [transport] };
  const socket = io(causeway.urls.origin + NAMESPACE, options);
  open.push(socket);
  await new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(undefined));
    socket.once('connect_error', reject);
  });
  return socket;
}

async function messages(
  { causeway, step, anna, roomId, natives }: Cast,
  enter: (transport: 'polling' | 'websocket') => Promise<Socket>,
): Promise<void> {
  const told = (some = natives) => Promise.all(some.map((native) => native.next('message.created')));
  await step('a native message to a crowd', async () => {
    await natives[0]!.request({ action: 'send', roomId, content: 'native' });
    await told(natives.slice(1));
  });
  await step('a message by REST to a crowd', async () => {
    const path = `/chat/rooms/${roomId}/messages`;
    await rest(causeway.urls.origin, { path, token: anna.token, body: { content: 'by REST' } });
    await told();
  });
  for (const transport of ['websocket', 'polling'] as const)
    await step(`a message by ${transport} to a crowd`, async () => {
      const socket = await enter(transport);
      await socket.emitWithAck('message:send', { chatId: roomId, content: transport });
      await told();
    });
}

async function notification({ causeway, step, anna, natives }: Cast): Promise<void> {
  await step('a notification to many devices', async () => {
    await putEvents(causeway, [
      {
        Source: 'causeway',
        DetailType: 'notification.new',
        Detail: JSON.stringify({ userId: anna.id, payload: { title: 'To all devices' } }),
      },
    ]);
    await Promise.all(natives.map((native) => native.next('notification.created')));
  });
}

/** What else the function does, asked for by hand: it takes a crash or a busy gateway to see it otherwise. */
async function mailings({ causeway, step, anna, roomId }: Cast, socket: Socket): Promise<void> {
  const lambda = new LambdaClient({
    endpoint: causeway.awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
  });
  const send = async (name: string, over: Partial<Mailing>, times = 1): Promise<void> => {
    const mailing = { ...EMPTY, id: randomUUID(), at: causeway.clock.now(), ...over };
    const Payload = new TextEncoder().encode(JSON.stringify(encodeMailing(mailing)));
    const FunctionName = causeway.outputs['FanOutFunction']!;
    await step(name, async () => {
      for (let n = 0; n < times; n += 1) {
        await lambda.send(new InvokeCommand({ FunctionName, InvocationType: 'Event', Payload }));
        await causeway.quiet();
      }
    });
  };
  const native = (connectionId: string) => ({
    connectionId: connectionId as ConnectionId,
    userId: anna.id as UserId,
    dialect: 'native' as const,
    roomId: roomId as RoomId,
    shard: 0,
  });
  try {
    const to = await addressOf(causeway, socket, roomId);
    const gone = native('L0SM9cOFvHcCIhw=');
    await send('a mailing of several bags', { natives: Array.from({ length: GHOSTS }, () => gone) });
    await send('a mailing that comes twice', { natives: [gone], late: true }, 2);
    await send('a mailing to a socket, late', { sockets: [to], late: true });
    await send('a mailing to a socket that may have got it', { doubtful: [to], late: true });
    causeway.strike('fail-post');
    const refusing = (await connectionsOf(causeway)).find(({ api }) => api.endsWith('native'))!;
    await send('a mailing to a connection that can’t be told', { natives: [native(refusing.connectionId)] });
    causeway.strike();
  } finally {
    lambda.destroy();
  }
}

const EMPTY = { content: { event }, natives: [], sockets: [], doubtful: [], late: false, fleeting: false };

async function addressOf(causeway: Causeway, socket: Socket, roomId: string): Promise<SocketAddress> {
  const { connectionId } = (await connectionsOf(causeway)).at(-1)!;
  const sid = socket.io.engine.id as EngineId;
  return {
    place: { nsp: NAMESPACE, room: `#${roomId}` },
    entry: { socketId: socket.id!, sid, connectionId },
  };
}

async function connectionsOf({ urls }: Pick<Causeway, 'urls'>) {
  const path = '/_emulator/connections';
  return (await rest<{ connectionId: ConnectionId; api: string }[]>(urls.origin, { path })).body;
}
