import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { RoomId } from '../../../lambdas/domain/ids.ts';
import { messageId, notificationId } from '../../../lambdas/domain/message-id.ts';
import type { ChatSettings } from '../../../lambdas/manifest/dialects.ts';
import { ackOf, createChatWorld, eventsOf, only, userId, type ChatWorld } from '../../support/chat-world.ts';
import { EXTRAS, forgotten, VALID, wrongOf, type Facts, type Wrong } from '../../support/hostile-events.ts';
import type { FakeClient } from '../../support/socketio-world.ts';

const ROOMS = ['mine', 'theirs', 'lobby'] as RoomId[];
const PEOPLE = ['eve', 'anna'] as const;

interface Scene {
  readonly world: ChatWorld;
  readonly eve: FakeClient;
  /** Is in every room, and is to hear of nothing. */
  readonly anna: FakeClient;
  readonly facts: Facts;
}

async function scene(settings?: ChatSettings): Promise<Scene> {
  const world = createChatWorld(settings === undefined ? {} : { settings });
  await world.people(...PEOPLE);
  await world.room('mine', 'eve', 'anna');
  await world.room('theirs', 'anna');
  const at = world.clock.now();
  const message = async (room: RoomId) => {
    const id = messageId({ at, requestId: `in ${room}` }, room);
    const sender = { id: userId('anna'), username: 'anna' };
    await world.chat.messages.append({
      id,
      roomId: room,
      sender,
      content: 'secret',
      messageType: 'text',
      createdAt: at,
    });
    return id;
  };
  const notification = async (name: string) => {
    const owner = userId(name);
    const id = notificationId({ at, requestId: `for ${name}` }, owner);
    await world.chat.notifications.add({ id, userId: owner, payload: { title: 'x' }, createdAt: at });
    return id;
  };
  const facts = {
    room: 'mine',
    message: await message(ROOMS[0]!),
    foreignRoom: 'theirs',
    foreignMessage: await message(ROOMS[1]!),
    notification: await notification('eve'),
    foreignNotification: await notification('anna'),
  };
  const anna = await world.member('anna');
  const eve = await world.member('eve');
  // That eve came, she may know.
  anna.take();
  return { world, anna, eve, facts };
}

/** Everything that is stored, but for when a session was last heard of. */
async function stateOf({ world, eve, anna }: Scene): Promise<unknown> {
  const { chat, stores, clock } = world;
  const at = clock.now();
  const rooms = ROOMS.map(async (room) => ({
    room: await chat.rooms.get(room),
    participants: await chat.rooms.participants(room),
    messages: await chat.messages.history(room, { limit: 100 }),
    members: await chat.members.list(room, at),
    sockets: await stores.sockets.list({ nsp: '/', room: `#${room}` }, at),
  }));
  const people = PEOPLE.map(async (name) => ({
    user: await chat.users.get(userId(name)),
    rooms: await chat.rooms.roomsOf(userId(name)),
    notifications: await chat.notifications.list(userId(name), { limit: 100, unreadOnly: false }),
    sockets: await stores.sockets.list({ nsp: '/', room: userId(name) }, at),
  }));
  const sessions = [eve, anna].map(async (client) => (await client.session()).sockets);
  return structuredClone(await Promise.all([...rooms, ...people, ...sessions]));
}

/** Sends an event twice, with and without an ack: it is refused as documented, and nothing has happened. */
async function expectRefused(scene: Scene, event: string, { args, code }: Omit<Wrong, 'why'>): Promise<void> {
  const { world, eve, anna } = scene;
  const before = await stateOf(scene);
  const later = world.later.length;
  const data = [JSON.stringify(event), ...args].join(',');
  await eve.send(`27[${data}]`);
  const answered = eve.take();
  const { error } = ackOf(answered, 7) as { error: { code: string; message: string } };
  expect(answered).toHaveLength(1);
  expect(error).toEqual({ code, message: expect.stringMatching(/^.{3,300}$/s) });

  await eve.send(`2[${data}]`);
  expect(eventsOf(eve.take())).toEqual([['error', { message: error.message }]]);
  expect(await stateOf(scene)).toEqual(before);
  expect(anna.take()).toEqual([]);
  expect(world.later.length).toBe(later);
  expect([eve.closed, anna.closed]).toEqual([undefined, undefined]);
}

it('knows every event of every vocabulary', () => {
  expect(forgotten()).toEqual([]);
});

/** Where all vocabularies are spoken, `typing` with a flag is messenger's word. */
function isWrongAnywhere({ dialect, event }: (typeof VALID)[number]): (wrong: Wrong) => boolean {
  return ({ args }) => dialect !== 'rooms' || event !== 'typing' || !/^(true|false)$/.test(args.join());
}

describe.each([
  ['its own namespace', (valid: (typeof VALID)[number]) => only(valid.dialect)],
  ['a namespace of all vocabularies', () => undefined],
])('on %s, a wrong payload is refused and leaves everything as it was:', (_where, settingsOf) => {
  it.each(VALID)('$dialect $event', async (valid) => {
    const stage = await scene(settingsOf(valid));
    await fc.assert(
      fc.asyncProperty(wrongOf(valid, stage.facts).filter(isWrongAnywhere(valid)), (wrong) =>
        expectRefused(stage, valid.event, wrong),
      ),
      { numRuns: 60 },
    );
  });
});

it.each(VALID)('$dialect $event with an attachment is refused', async ({ dialect, event, payload }) => {
  const stage = await scene(only(dialect));
  const { world, eve, anna, facts } = stage;
  const before = await stateOf(stage);
  const right = payload(facts);
  const places =
    typeof right === 'boolean'
      ? [{}]
      : [...Object.keys(right), 'extra'].map((field) => ({ ...right, [field]: 'HERE' }));
  for (const place of places) {
    const data = JSON.stringify(typeof right === 'boolean' ? 'HERE' : place);
    const text = `51-7["${event}",${data.replace('"HERE"', '{"_placeholder":true,"num":0}')}]`;
    await eve.send({ text, attachments: [Buffer.from('bytes')] });
    expect(ackOf(eve.take(), 7)).toMatchObject({ error: { code: 'invalid_field' } });
  }
  expect(await stateOf(stage)).toEqual(before);
  expect(anna.take()).toEqual([]);
  expect(world.later.filter(({ task }) => task.kind === 'typing.expire')).toEqual([]);
});

it.each(VALID)('$dialect $event ignores fields that no document has', async ({ dialect, event, payload }) => {
  const { world, eve, facts } = await scene(only(dialect));
  const right = payload(facts);
  if (typeof right === 'boolean') return;
  await fc.assert(
    fc.asyncProperty(EXTRAS, async (extras) => {
      await eve.send(`27["${event}",${JSON.stringify({ ...extras, ...right })}]`);
      const ack = ackOf(eve.take(), 7) as Record<string, unknown>;
      expect(ack).toMatchObject({ ok: true });
      for (const field of Object.keys(extras))
        if (field.startsWith('x')) expect(ack).not.toHaveProperty(field);
    }),
    { numRuns: 20 },
  );
  const { messages } = await world.chat.messages.history(ROOMS[0]!, { limit: 100 });
  for (const message of messages) expect(message.sender.id).toMatch(/^user-(eve|anna)$/);
});

describe('any event with anything', () => {
  it("is answered, and moves nothing that is not its sender's", async () => {
    const stage = await scene();
    const { world, eve, anna } = stage;
    const theirs = async () => world.chat.messages.history(ROOMS[1]!, { limit: 100 });
    const before = await theirs();
    const known = fc.constantFrom(
      ...VALID.map(({ event }) => event),
      'connect',
      'disconnect',
      'error',
      'x'.repeat(500),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(known, fc.string()),
        fc.array(fc.jsonValue(), { maxLength: 3 }),
        async (event, args) => {
          fc.pre(
            ![
              'connect',
              'connect_error',
              'disconnect',
              'disconnecting',
              'newListener',
              'removeListener',
            ].includes(event),
          );
          await eve.send(`27${JSON.stringify([event, ...args])}`);
          expect(ackOf(eve.take(), 7)).toBeDefined();
        },
      ),
      { numRuns: 150 },
    );
    expect(await theirs()).toEqual(before);
    expect([eve.closed, anna.closed]).toEqual([undefined, undefined]);
  });
});
