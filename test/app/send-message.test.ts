import { describe, expect, test } from 'vitest';

import { postMessage } from '../../lambdas/app/post-message.ts';
import { sendMessage } from '../../lambdas/app/send-message.ts';
import type { ClientMessageId, Email } from '../../lambdas/domain/ids.ts';
import { timeOf } from '../../lambdas/domain/message-id.ts';
import { failing, UNAVAILABLE } from '../support/fakes/failing.ts';
import { createFakePostman } from '../support/fakes/fake-mail.ts';
import {
  actor,
  arrival,
  createWorld,
  idAt,
  NOW,
  OTHER_ROOM,
  ROOM,
  send,
  storedIn,
  userId,
  withLiveRoom,
  withRoom,
  type World,
} from '../support/fakes/world.ts';

const RETRY = 'retry-1' as ClientMessageId;
const anna = actor('anna', { email: 'a@example.com' as Email, displayName: 'Anna' });
const sending = (over: object = {}, arrived = arrival()) => ({
  actor: anna,
  arrival: arrived,
  command: send(over),
});

async function liveWorld(over: Parameters<typeof createWorld>[0] = {}): Promise<World> {
  const world = createWorld(over);
  await withLiveRoom(world, ['anna', 'anna/2', 'ben', 'zoe']);
  return world;
}

/** A world in which anna's right to send is remembered, and then taken away without this instance noticing. */
async function revokedWorld(): Promise<World> {
  const world = await liveWorld();
  await sendMessage(world, sending());
  await world.rooms.removeParticipant(ROOM, anna.id);
  for (const name of ['anna', 'anna/2']) {
    await world.members.remove(actor(name).connectionId, { roomId: ROOM, shard: 0 });
  }
  world.gateway.posts.length = 0;
  return world;
}

describe('sending', () => {
  test('stores the message and posts it to every other connection in the room, once', async () => {
    const world = await liveWorld();
    const arrived = arrival();
    const event = await sendMessage(
      world,
      sending({ replyTo: idAt(-1), context: { a: 1 }, messageType: 'image' }, arrived),
    );

    expect(event.message).toStrictEqual({
      id: event.message.id,
      roomId: ROOM,
      sender: { id: anna.id, username: 'anna', email: 'a@example.com', displayName: 'Anna' },
      content: 'hello',
      messageType: 'image',
      replyTo: idAt(-1),
      context: { a: 1 },
      createdAt: arrived.at,
    });
    expect(timeOf(event.message.id)).toBe(arrived.at);
    expect(await storedIn(world)).toEqual([event.message]);
    expect(world.gateway.reached()).toEqual(['conn-anna/2=', 'conn-ben=', 'conn-zoe=']);
    expect(world.gateway.posts.map(({ frame }) => JSON.parse(frame))).toEqual([event, event, event]);
  });

  test('a participant who has not joined may send', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['ben']);
    await world.rooms.addParticipants(ROOM, [anna.id], NOW);
    await sendMessage(world, sending());
    expect(world.gateway.reached()).toEqual(['conn-ben=']);
  });

  test('to a foreign or missing room stores nothing and posts nothing', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['ben']);
    for (const roomId of [ROOM, OTHER_ROOM]) {
      await expect(sendMessage(world, sending({ roomId, clientMessageId: RETRY }))).rejects.toMatchObject({
        code: 'not_participant',
      });
      expect(await storedIn(world, roomId)).toEqual([]);
    }
    expect(world.gateway.posts).toEqual([]);
  });

  test('a faulty command reaches no store', async () => {
    const world = await liveWorld();
    const everything = ['members.list', 'messages.append', 'rooms.participant'];
    await expect(sendMessage(failing(world, everything), sending({ content: '' }))).rejects.toMatchObject({
      field: 'content',
    });
    await expect(
      sendMessage(failing(world, everything), sending({ replyTo: idAt(0, OTHER_ROOM) })),
    ).rejects.toMatchObject({ field: 'replyTo' });
  });

  test('the same frame handled twice is stored and posted once and answered alike', async () => {
    const world = await liveWorld();
    const arrived = arrival();
    const first = await sendMessage(world, sending({}, arrived));
    const second = await sendMessage(world, sending({}, arrived));
    expect(second).toEqual({ ...first, repeated: true });
    expect(await storedIn(world)).toHaveLength(1);
    expect(world.gateway.posts).toHaveLength(3);
  });
});

describe('a sender whose right was taken away', () => {
  test('leaves no message, though this instance remembered the right', async () => {
    const world = await revokedWorld();
    const before = await storedIn(world);
    await expect(sendMessage(world, sending({ content: 'too late' }))).rejects.toMatchObject({
      code: 'not_participant',
    });
    expect(await storedIn(world)).toEqual(before);
    expect(world.gateway.posts).toEqual([]);
    expect(world.memo.has(anna.connectionId, ROOM, NOW)).toBe(false);
  });

  test('leaves none even if the answer to the write was lost', async () => {
    const world = await revokedWorld();
    const lost = failing(world, ['messages.append'], 'after');
    await expect(sendMessage(lost, sending({ content: 'too late' }))).rejects.toMatchObject({
      code: 'not_participant',
    });
    expect(await storedIn(world)).toHaveLength(1);
  });

  test('cannot take back what an earlier handling of the same frame stored', async () => {
    const world = await liveWorld();
    const arrived = arrival();
    await sendMessage(world, sending({}, arrived));
    const unreadable = failing(world, ['members.list']);
    await expect(sendMessage(unreadable, sending({}, arrived))).rejects.toMatchObject({
      code: 'unavailable',
    });
    expect(await storedIn(world)).toHaveLength(1);
  });

  test('is told to try again, and the log told why, when the message cannot be taken back', async () => {
    const world = await revokedWorld();
    const stuck = failing(world, ['messages.remove']);
    await expect(sendMessage(stuck, sending())).rejects.toMatchObject({ code: 'unavailable' });
    expect(world.log.at('error')).toEqual(['an unproven message could not be taken back']);
    expect(world.gateway.posts).toEqual([]);
  });
});

describe('a send that fails', () => {
  test.each([
    ['members.list', 'before'],
    ['messages.append', 'before'],
  ] as const)('at %s stores nothing and posts nothing, remembered or not', async (name, when) => {
    const world = await liveWorld();
    const first = failing(world, [name], when);
    await expect(sendMessage(first, sending())).rejects.toMatchObject({ code: 'unavailable' });
    await sendMessage(world, sending());
    world.gateway.posts.length = 0;
    await expect(sendMessage(first, sending())).rejects.toMatchObject({ code: 'unavailable' });
    expect(await storedIn(world)).toHaveLength(1);
    expect(world.gateway.posts).toEqual([]);
  });

  test('at the claim stores nothing, remembered or not', async () => {
    const world = await liveWorld();
    const unclaimed = failing(world, ['messages.claim', 'messages.append']);
    await expect(sendMessage(unclaimed, sending({ clientMessageId: RETRY }))).rejects.toMatchObject({
      code: 'unavailable',
    });
    await sendMessage(world, sending());
    await expect(
      sendMessage(failing(world, ['messages.claim', 'members.list']), sending({ clientMessageId: RETRY })),
    ).rejects.toMatchObject({ code: 'unavailable' });
    expect(await storedIn(world)).toHaveLength(1);
  });
});

describe('a retry with the same clientMessageId', () => {
  test('is answered with the original and posts nothing', async () => {
    const world = await liveWorld();
    const first = await sendMessage(world, sending({ clientMessageId: RETRY, content: 'first' }));
    world.gateway.posts.length = 0;
    const again = await sendMessage(
      world,
      sending({ clientMessageId: RETRY, content: 'second' }, arrival({ at: NOW + 5 })),
    );
    expect(again).toEqual({ ...first, repeated: true });
    expect(await storedIn(world)).toEqual([first.message]);
    expect(world.gateway.posts).toEqual([]);
  });

  test('finishes, under the first name and date, what died between claim and store', async () => {
    const world = await liveWorld();
    const arrived = arrival();
    const dying = failing(world, ['messages.append']);
    await expect(sendMessage(dying, sending({ clientMessageId: RETRY }, arrived))).rejects.toMatchObject({
      code: 'unavailable',
    });
    const { message } = await sendMessage(
      world,
      sending({ clientMessageId: RETRY }, arrival({ at: NOW + 60_000 })),
    );
    expect([message.createdAt, timeOf(message.id)]).toEqual([arrived.at, arrived.at]);
    expect(world.gateway.posts).toHaveLength(3);
  });

  test('belongs to its sender and room: others may use the same word', async () => {
    const world = await liveWorld();
    await withLiveRoom(world, ['anna'], OTHER_ROOM);
    await sendMessage(world, sending({ clientMessageId: RETRY }));
    await sendMessage(world, sending({ clientMessageId: RETRY, roomId: OTHER_ROOM }));
    await sendMessage(world, { ...sending({ clientMessageId: RETRY }), actor: actor('ben') });
    expect(await storedIn(world)).toHaveLength(2);
    expect(await storedIn(world, OTHER_ROOM)).toHaveLength(1);
  });

  test('has somebody look later where it is not known that all were told', async () => {
    const postman = createFakePostman(100);
    const world = await liveWorld({ postman });
    const dying = failing(world, ['messages.told']);
    const { message } = await sendMessage(dying, sending({ clientMessageId: RETRY }));
    expect(world.log.at('warn')).toEqual(['that a message has been told was not noted']);
    const repeat = sending({ clientMessageId: RETRY }, arrival({ at: NOW + 5 }));
    expect((await sendMessage(world, repeat)).message).toEqual(message);
    const { id: messageId, roomId } = message;
    const expected = { kind: 'message', roomId, userId: anna.id, clientMessageId: RETRY, messageId };
    expect(postman.repeats).toEqual([{ ...expected, at: NOW + 5 }]);
    // Nobody is answered "sent" who can't count on it.
    postman.refuse = UNAVAILABLE;
    await expect(sendMessage(world, repeat)).rejects.toBe(UNAVAILABLE);
  });

  test.each([{}, { clientMessageId: RETRY }])(
    'of %j: what was told is told by nobody again',
    async (over) => {
      const postman = createFakePostman(100);
      const world = await liveWorld({ postman });
      const sent = sending(over);
      await sendMessage(world, sent);
      await sendMessage(world, sent);
      expect(postman.repeats).toEqual([]);
    },
  );

  test('costs a note; without one nothing is noted', async () => {
    const world = failing(await liveWorld(), ['messages.told']);
    await sendMessage(world, sending());
    expect(world.log.at('warn')).toEqual([]);
  });

  test('whose original was taken back is answered with itself', async () => {
    const world = await liveWorld();
    const blind = { ...world, messages: { ...world.messages, get: async () => undefined } };
    await sendMessage(world, sending({ clientMessageId: RETRY }));
    const { message } = await sendMessage(blind, sending({ clientMessageId: RETRY, content: 'again' }));
    expect(message.content).toBe('again');
  });
});

describe('posting without a connection', () => {
  const posting = (over: object = {}) => ({
    sender: { id: anna.id, username: 'anna' },
    arrival: arrival(),
    command: send(over),
  });

  test('stores and posts to everybody, the sender’s own connections included', async () => {
    const world = await liveWorld();
    const message = await postMessage(world, posting());
    expect(await storedIn(world)).toEqual([message]);
    expect(world.gateway.reached()).toEqual(['conn-anna/2=', 'conn-anna=', 'conn-ben=', 'conn-zoe=']);
  });

  test('is idempotent too, and together with sends over a socket', async () => {
    const world = await liveWorld();
    const { message } = await sendMessage(world, sending({ clientMessageId: RETRY }));
    world.gateway.posts.length = 0;
    expect(await postMessage(world, posting({ clientMessageId: RETRY, content: 'x' }))).toEqual(message);
    expect(world.gateway.posts).toEqual([]);
  });

  test('is refused to outsiders by a strong read, whatever the live list says', async () => {
    const world = await liveWorld();
    await world.rooms.removeParticipant(ROOM, anna.id);
    await expect(postMessage(world, posting())).rejects.toMatchObject({ code: 'not_participant' });
    expect(await storedIn(world)).toEqual([]);
  });

  test('refuses a faulty command', async () => {
    const world = createWorld();
    await withRoom(world, ['anna']);
    await expect(postMessage(world, posting({ content: '' }))).rejects.toMatchObject({
      code: 'invalid_field',
      field: 'content',
    });
  });

  test('is by its author', async () => {
    const world = await liveWorld();
    expect((await postMessage(world, posting())).sender).toStrictEqual({
      id: userId('anna'),
      username: 'anna',
    });
  });
});
