import { readFile, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';

import { createRoom, register } from '../http/rest.ts';
import { createInMemory } from '../support/in-memory.ts';
import { replayTranscript } from '../support/transcript.ts';

const DIRECTORY = new URL('../../docs/protocol/transcripts/', import.meta.url);
const names = (await readdir(DIRECTORY)).toSorted();
const read = (name: string) => readFile(new URL(name, DIRECTORY), 'utf8');

/** A room of alice and bob; mallory is not in it. */
async function stage() {
  const world = createInMemory();
  const [alice, bob, mallory] = [
    await register(world, 'alice'),
    await register(world, 'bob'),
    await register(world, 'mallory'),
  ];
  const people = { alice, bob, mallory };
  return {
    names: { room: await createRoom(world, alice, [bob]), alice: alice.id, bob: bob.id, mallory: mallory.id },
    client: async (name: string) => {
      const connection = await world.connect(people[name as keyof typeof people].token);
      return {
        next: () => connection.next(),
        send: async (frame: string) => {
          world.clock.at += 1;
          await connection.send(frame);
        },
      };
    },
  };
}

test.each(names)('%s is what the server does', async (name) => {
  await replayTranscript(await read(name), await stage());
});

test('there are transcripts', () => {
  expect(names.length).toBeGreaterThan(5);
});

test.each([
  [
    'a field that is missing',
    'alice> {"action":"ping"}\nalice< {"event":"pong","id":"1","at":"{instant}"}',
    /line 2.*\n.*\n\.id is missing/,
  ],
  ['a field too many', 'alice> {"action":"ping"}\nalice< {"event":"pong"}', /\.at was not expected/],
  [
    'another value',
    'alice> {"action":"ping"}\nalice< {"event":"ping","at":"{instant}"}',
    /\.event: expected "ping", got "pong"/,
  ],
  [
    'a placeholder that changed',
    'alice> {"action":"join","roomId":"{room}"}\nalice< {"event":"room.joined","roomId":"{alice}","userId":"{alice}"}',
    /\.roomId: expected/,
  ],
  [
    'a frame that does not come',
    'alice> {"action":"typing","roomId":"{room}","isTyping":true}\nalice< {}',
    /no further frame/,
  ],
  [
    'a placeholder nobody received',
    'alice> {"action":"read","messageId":"{m1}"}',
    /sent before it was received/,
  ],
  ['a line of another kind', 'alice: hello', /line 1 is no transcript/],
])('the replay notices %s', async (_what, transcript, message) => {
  await expect(replayTranscript(transcript, await stage())).rejects.toThrow(message);
});
