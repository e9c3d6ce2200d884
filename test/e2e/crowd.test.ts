/** Rooms larger than one invocation tells: three make a crowd here. */
import { once } from 'node:events';

import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import type { ConnectionId, UserId } from '../../lambdas/domain/ids.ts';
import { encodeMailing } from '../../lambdas/wire/mailing.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { mailing } from '../support/fakes/fake-mail.ts';
import type { NativeClient } from '../support/native-client.ts';
import { rest, type Person } from '../support/rest-client.ts';

let causeway: Causeway;
let people: Person[];
let lambda: LambdaClient;
let fanOut: string;

beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'test/fixtures/crowd/causeway.config.ts' });
  people = await Promise.all(['anna', 'ben', 'cleo', 'dan'].map((name) => causeway.register(name)));
  lambda = new LambdaClient({
    endpoint: causeway.awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
  });
  fanOut = causeway
    .permissions()
    .unused.find(({ resource }) => /:function:.*fanout/i.test(resource))!.resource;
});
afterAll(async () => {
  lambda?.destroy();
  await causeway?.close();
});

async function member(person: Person, roomId: string): Promise<NativeClient> {
  const client = await causeway.connect(person);
  onTestFinished(() => client.close());
  await client.request({ action: 'join', roomId });
  return client;
}

/** A stock client in all rooms of its user; what it hears. */
async function stock(person: Person): Promise<{ socket: Socket; heard: unknown[] }> {
  const socket = io(causeway.urls.origin, {
    auth: { token: person.token },
    forceNew: true,
    transports: ['websocket'],
  });
  onTestFinished(() => void socket.disconnect());
  const heard: unknown[] = [];
  socket.onAny((event: string, payload: { content?: string }) => {
    if (payload.content !== undefined) heard.push([event, payload.content]);
  });
  await once(socket as never, 'connect');
  return { socket, heard };
}

const contents = (client: NativeClient) =>
  client.frames
    .filter(({ event }) => event === 'message.created')
    .map(({ message }) => (message as { content: string }).content);

/** The event that the function `fan-out` was, summed up. */
const carried = () =>
  Object.entries(causeway.meter().events).find(([label]) => /fanout.* async$/i.test(label))?.[1];

describe('a message to a crowd', () => {
  test('is acknowledged before anybody is told, and reaches everybody once', async () => {
    const room = await causeway.createRoom(people[0]!, people.slice(1));
    const natives = await Promise.all(people.slice(0, 3).map((person) => member(person, room)));
    const socket = await stock(people[3]!);
    await causeway.quiet();
    causeway.resetMeter();

    const [sender, ...others] = natives as [NativeClient, ...NativeClient[]];
    const answer = await sender.request({ action: 'send', roomId: room, content: 'to all' });
    await Promise.all(others.map((other) => other.next('message.created')));
    await causeway.quiet();

    expect(answer).toMatchObject({ event: 'message.created', message: { content: 'to all' } });
    expect(natives.map(contents)).toEqual([['to all'], ['to all'], ['to all']]);
    expect(new Set(socket.heard.map((heard) => JSON.stringify(heard))).size).toBe(socket.heard.length);
    expect(socket.heard.length).toBeGreaterThan(0);
    // The sender's invocation has posted nothing, so its answer cannot have waited for a post.
    const [, send] = Object.entries(causeway.meter().events).find(([label]) => label.endsWith(' send'))!;
    expect(send.managementPosts).toBe(0);
    expect(send.calls['lambda:Invoke']).toBe(1);
    expect(carried()).toMatchObject({ lambdaInvocations: 1 });
  });

  test('by REST, of a socket, and a receipt reach everybody once, too', async () => {
    const room = await causeway.createRoom(people[0]!, people.slice(1));
    const natives = await Promise.all(people.slice(0, 3).map((person) => member(person, room)));
    const socket = await stock(people[3]!);
    const [first] = natives as [NativeClient, ...NativeClient[]];
    const { body } = await rest<{ id: string }>(causeway.urls.origin, {
      path: `/chat/rooms/${room}/messages`,
      token: people[1]!.token,
      body: { content: 'by REST' },
    });
    await Promise.all(natives.map((client) => client.next('message.created')));
    await socket.socket.emitWithAck('message:send', { chatId: room, content: 'of a socket' });
    await Promise.all(natives.map((client) => client.next('message.created')));
    await first.request({ action: 'read', roomId: room, messageId: body.id });
    await Promise.all(natives.slice(1).map((client) => client.next('message.read')));
    await causeway.quiet();
    for (const client of natives) expect(contents(client)).toEqual(['by REST', 'of a socket']);
  });
});

describe('an event of the function fan-out', () => {
  async function invoke(payload: object): Promise<void> {
    const Payload = new TextEncoder().encode(JSON.stringify(payload));
    await lambda.send(new InvokeCommand({ FunctionName: fanOut, InvocationType: 'Event', Payload }));
    await causeway.quiet();
  }

  test('that comes twice is carried once', async () => {
    const room = await causeway.createRoom(people[0]!, []);
    const client = await member(people[0]!, room);
    const { id } = people[0]!;
    const to = { connectionId: await lastConnection(), userId: id as UserId, dialect: 'native' } as const;
    const encoded = encodeMailing(
      mailing({ at: causeway.clock.now(), natives: [{ ...to, connectedAt: causeway.clock.now() }] }),
    );
    await invoke(encoded);
    await invoke(encoded);
    expect(contents(client)).toEqual(['hello']);
  });

  test('that no version of it understands is tried three times, and then kept for people', async () => {
    await invoke({ v: 0 });
    await causeway.advance(61_000);
    await causeway.advance(121_000);
    const given = causeway.logs.filter(({ message }) => message.startsWith('asynchronous event given up'));
    expect(given).toMatchObject([{ message: expect.stringContaining('after 3 attempts') }]);
  });
});

/** The connection that was opened last. */
async function lastConnection(): Promise<ConnectionId> {
  const { body } = await rest<{ connectionId: ConnectionId }[]>(causeway.urls.origin, {
    path: '/_emulator/connections',
  });
  return body.at(-1)!.connectionId;
}
