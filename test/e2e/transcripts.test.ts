import { readFile, readdir } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startCauseway, type Causeway } from '../support/causeway.ts';
import type { NativeClient } from '../support/native-client.ts';
import type { Person } from '../support/rest-client.ts';
import { replayTranscript, type TranscriptStage } from '../support/transcript.ts';

/*
 * The transcripts that PROTOCOL.md shows, through real sockets, the gateway's routes and the deployed bundles; test/wire replays
 * the same files in memory.
 */
const DIRECTORY = new URL('../../docs/protocol/transcripts/', import.meta.url);
const names = (await readdir(DIRECTORY)).toSorted();

let causeway: Causeway;
let people: Readonly<Record<string, Person>>;
const open: NativeClient[] = [];

beforeAll(async () => {
  causeway = await startCauseway();
  people = Object.fromEntries(
    await Promise.all(
      ['alice', 'bob', 'mallory'].map(async (name) => [name, await causeway.register(name)] as const),
    ),
  );
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((client) => client.close()));
  await causeway.quiet();
});
afterAll(() => causeway.close());

test.each(names)('%s is what the deployed API does', async (name) => {
  await replayTranscript(await readFile(new URL(name, DIRECTORY), 'utf8'), await stage());
});

test('a frame that differs fails the replay', async () => {
  const transcript = 'alice> {"action":"ping"}\nalice< {"event":"pong"}';
  await expect(replayTranscript(transcript, await stage())).rejects.toThrow('.at was not expected');
});

test('there are transcripts', () => {
  expect(names.length).toBeGreaterThan(5);
});

/** A fresh room of alice and bob; mallory is not in it. */
async function stage(): Promise<TranscriptStage> {
  const ids = Object.entries(people).map(([name, person]) => [name, person.id] as const);
  const room = await causeway.createRoom(person('alice'), [person('bob')]);
  return {
    names: { ...Object.fromEntries(ids), room },
    client: async (name) => {
      const client = await causeway.connect(person(name));
      open.push(client);
      return {
        send: (frame) => client.raw(frame),
        next: async () => JSON.stringify(await client.next(() => true)),
      };
    },
  };
}

function person(name: string): Person {
  const found = people[name];
  if (found === undefined) throw new Error(`the transcript mentions ${name}, who is not registered`);
  return found;
}
