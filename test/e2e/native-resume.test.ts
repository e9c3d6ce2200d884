/**
 * Two people chat over the native protocol by the client of the examples, while everything that ends a connection does: each
 * must see every message, receipt and notification once, in order.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import {
  ApiGatewayManagementApiClient,
  DeleteConnectionCommand,
} from '@aws-sdk/client-apigatewaymanagementapi';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';

import { ResumingClient, type NativeEvent } from '../../examples/native-client/resuming-client.mjs';
import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import { builtInToken } from '../support/foreign-tokens.ts';
import { rest, type Person } from '../support/rest-client.ts';

const MINUTE = 60_000;
const PATIENCE = { timeout: 30_000 };
const CONFIG = 'test/fixtures/resume.config.ts';

interface Talker {
  readonly person: Person;
  readonly client: ResumingClient;
  readonly shown: NativeEvent[];
  readonly lost: () => number;
  /** Ids of the messages it was told are stored. */
  readonly sent: string[];
}

let causeway: Causeway;
let dataDir: string;
let port: number;
let roomId: string;
let talkers: readonly [Talker, Talker];
const noted: string[] = [];

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'causeway-data-'));
  causeway = await startCauseway({ configFile: CONFIG, dataDir });
  port = Number(new URL(causeway.urls.origin).port);
  const people = await Promise.all(['anna', 'ben'].map((name) => causeway.register(name)));
  roomId = await causeway.createRoom(people[0]!, people);
  talkers = [talker(people[0]!), talker(people[1]!)];
  // Both are in the room before anybody talks.
  await Promise.all(talkers.map(({ client }) => client.request({ action: 'history', roomId })));
});
afterAll(async () => {
  for (const { client } of talkers ?? []) client.close();
  await causeway?.close();
  if (dataDir !== undefined) await rm(dataDir, { recursive: true, force: true });
});

function talker(person: Person): Talker {
  const shown: NativeEvent[] = [];
  let lost = 0;
  const client = new ResumingClient({
    url: () => `${causeway.urls.native}?token=${person.token}`,
    rooms: [roomId],
    WebSocket,
    backoffMs: 20,
  });
  client.onEvent = (event) => void shown.push(event);
  client.onState = (isConnected) => void (lost += isConnected ? 0 : 1);
  client.onGap = () => expect.unreachable('nothing may be missed for good');
  return { person, client, shown, lost: () => lost, sent: [] };
}

const messageId = (event: NativeEvent | undefined) =>
  (event?.['message'] as { id: string } | undefined)?.id ?? '';
const offsetsOf = (events: readonly NativeEvent[]) => events.flatMap(({ offset }) => offset ?? []);
const messagesOf = ({ shown }: Talker) =>
  shown.filter(({ event }) => event === 'message.created').map((event) => messageId(event));
const notesOf = ({ shown }: Talker) =>
  shown
    .filter(({ event }) => event === 'notification.created')
    .map((event) => (event['notification'] as { id: string }).id);

interface Mood {
  isSilent: boolean;
  isOver: boolean;
}

/** Each waits for the answer before it says more, so there is an order to keep. */
async function talk({ client, sent, person }: Talker, mood: Mood) {
  while (!mood.isOver) {
    // At people's pace, below what one of them may send.
    await setTimeout(60);
    if (mood.isSilent) continue;
    sent.push(messageId(await client.send(roomId, { content: `${person.username} ${sent.length}` })));
    if (sent.length % 5 === 0) await client.request({ action: 'read', roomId, messageId: sent.at(-1) });
  }
}

async function notify({ person }: Talker): Promise<void> {
  const token = await builtInToken(causeway, person.id, { username: 'backend', role: 'service' });
  const body = { userId: person.id, payload: { n: noted.length } };
  const answer = await rest(causeway.urls.origin, { path: '/notifications', token, body });
  expect(answer.status).toBe(201);
  noted.push(answer.body.id);
}

async function connections(): Promise<readonly { connectionId: string }[]> {
  return (await rest(causeway.urls.origin, { path: '/_emulator/connections' })).body;
}

const cut = (silent: boolean) =>
  rest(causeway.urls.origin, { path: '/_emulator/cut', body: { all: true, silent } });

/** Whatever ends connections. Each resolves when it has. */
const CUTS: Readonly<Record<string, (mood: Mood) => Promise<unknown>>> = {
  'the network': () => cut(false),
  'a cut that API Gateway does not tell of': () => cut(true),
  'DELETE @connections': async () => {
    const client = new ApiGatewayManagementApiClient({
      endpoint: `${causeway.awsEndpoint}/native`,
      region: 'us-east-1',
      credentials: OPERATOR_CREDENTIALS,
      systemClockOffset: causeway.clock.now() - Date.now(),
    });
    const api = new URL(causeway.outputs['NativeUrl']!).host;
    client.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['host'] = api;
        return next(args);
      },
      { step: 'build' },
    );
    for (const { connectionId } of await connections())
      await client.send(new DeleteConnectionCommand({ ConnectionId: connectionId }));
    client.destroy();
  },
  // Before those that move the clock: a new emulator starts with the machine's.
  'a restart with the same data': async () => {
    await causeway.close();
    causeway = await startCauseway({ configFile: CONFIG, dataDir, port });
  },
  'ten minutes of silence': async (mood) => {
    mood.isSilent = true;
    await Promise.all(talkers.map(({ client }) => client.request({ action: 'history', roomId })));
    await causeway.quiet();
    await causeway.advance(11 * MINUTE);
    mood.isSilent = false;
  },
  'the two hours of a connection': () => causeway.advance(121 * MINUTE),
};

test.each(Object.entries(CUTS))(
  '%s ends the connections of a chatting room, and everybody sees everything once, in order',
  async (_what, act) => {
    const before = talkers.map(({ lost }) => lost());
    const mood = { isSilent: false, isOver: false };
    onTestFinished(() => void (mood.isOver = true));
    const talking = talkers.map((one) => talk(one, mood));
    const said = talkers.map(({ sent }) => sent.length);
    await expect.poll(() => talkers.every(({ sent }, n) => sent.length > said[n]! + 5), PATIENCE).toBe(true);
    await act(mood);
    await notify(talkers[0]);
    await expect.poll(() => talkers.every(({ lost }, n) => lost() > before[n]!), PATIENCE).toBe(true);
    const then = talkers.map(({ sent }) => sent.length);
    await expect.poll(() => talkers.every(({ sent }, n) => sent.length > then[n]! + 5), PATIENCE).toBe(true);
    mood.isOver = true;
    await Promise.all(talking);

    const everything = talkers.flatMap(({ sent }) => sent).toSorted();
    for (const one of talkers) {
      await expect.poll(() => messagesOf(one).length, PATIENCE).toBeGreaterThanOrEqual(everything.length);
      expect(messagesOf(one).toSorted()).toEqual(everything);
      for (const { sent } of talkers) {
        const ofOne = new Set(sent);
        expect(messagesOf(one).filter((id) => ofOne.has(id))).toEqual(sent);
      }
      const offsets = offsetsOf(one.shown);
      expect(new Set(offsets).size).toBe(offsets.length);
    }
    await expect.poll(() => notesOf(talkers[0]), PATIENCE).toEqual(noted);
    expect(notesOf(talkers[1])).toEqual([]);
    for (const [one, other] of [talkers, [talkers[1], talkers[0]]] as const) {
      // The newest receipt of the other, whichever of them came by a push.
      const receipts = one.shown.filter(
        ({ event, userId }) => event === 'message.read' && userId === other.person.id,
      );
      expect(offsetsOf(receipts)).toEqual(offsetsOf(receipts).toSorted());
      expect(receipts.at(-1)?.['messageId']).toBe(
        other.sent[other.sent.length - 1 - (other.sent.length % 5)],
      );
    }
  },
  120_000,
);
