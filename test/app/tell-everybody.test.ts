import { describe, expect, test } from 'vitest';

import { sendMessage } from '../../lambdas/app/send-message.ts';
import { tellEverybody } from '../../lambdas/app/tell-everybody.ts';
import { setTyping } from '../../lambdas/app/set-typing.ts';
import { notify } from '../../lambdas/app/notify.ts';
import { InDoubt } from '../../lambdas/domain/in-doubt.ts';
import { TELLING } from '../../lambdas/manifest/limits.ts';
import type { Gathering, Left } from '../../lambdas/ports/audience.ts';
import { createFakeAudience } from '../support/fakes/fake-audience.ts';
import type { Mailing } from '../../lambdas/ports/mail.ts';
import { createFakePostman, event, socket, sockets } from '../support/fakes/fake-mail.ts';
import { failing, UNAVAILABLE } from '../support/fakes/failing.ts';
import {
  actor,
  arrival,
  connectionId,
  createWorld,
  live,
  NOW,
  ROOM,
  send,
  session,
  HOUR,
  userId,
  withLiveRoom,
  type World,
} from '../support/fakes/world.ts';

const anna = actor('anna');
const crowd = ['anna', 'ben', 'zoe'];

async function worldWith(direct: number, over: Parameters<typeof createWorld>[0] = {}) {
  const postman = createFakePostman(direct);
  const world = createWorld({ postman, ...over });
  await withLiveRoom(world, crowd);
  return { world, postman };
}

const say = (world: World) => sendMessage(world, { actor: anna, arrival: arrival(), command: send() });

/** Sockets of which some could not be told. */
function gathering(left: Left): Gathering {
  const gathered: Gathering = {
    size: 2,
    say: async () => ({ sent: 0, gone: 0, failed: 2, unspoken: 0, left }),
    hearers: () => sockets(2),
    and: () => gathered,
    without: () => gathered,
  };
  return gathered;
}

describe('a crowd', () => {
  test('is told by others, once the message is stored, and the sender does not wait for it', async () => {
    const audience = createFakeAudience([{ id: 's1', userId: userId('eve'), rooms: [ROOM] }]);
    const { world, postman } = await worldWith(3, { audience });
    const { message } = await say(world);

    expect(await world.messages.get(ROOM, message.id)).toEqual(message);
    expect(world.gateway.posts).toEqual([]);
    expect(audience.heard).toEqual([]);
    expect(postman.sent).toMatchObject([
      { at: NOW, content: { event: { kind: 'message.created', message } }, late: false, fleeting: false },
    ]);
    const [{ natives, sockets: told, doubtful }] = postman.sent as [(typeof postman.sent)[number]];
    expect(natives.map((to) => to.connectionId).toSorted()).toEqual(['conn-ben=', 'conn-zoe=']);
    expect(told.map(({ entry }) => entry.socketId)).toEqual(['s1']);
    expect(doubtful).toEqual([]);
  });

  test('counts everybody in the room; as many as allowed are told here', async () => {
    const { world, postman } = await worldWith(3);
    await say(world);
    expect(postman.sent).toEqual([]);
    expect(world.gateway.reached()).toEqual(['conn-ben=', 'conn-zoe=']);
  });

  test('is told here when nobody takes it over', async () => {
    const { world, postman } = await worldWith(1);
    postman.refuse = UNAVAILABLE;
    await say(world);
    expect(world.gateway.reached()).toEqual(['conn-ben=', 'conn-zoe=']);
    expect(world.log.at('warn')).toContain('a mailing could not be handed over');
  });

  test('is not told here when somebody may have taken it over', async () => {
    const { world, postman } = await worldWith(1);
    postman.refuse = new InDoubt('timeout');
    await say(world);
    expect(world.gateway.posts).toEqual([]);
  });

  test('is not handed over for a message that was not stored', async () => {
    const { world, postman } = await worldWith(1);
    await expect(say(failing(world, ['messages.append']))).rejects.toMatchObject({ code: 'unavailable' });
    expect(postman.sent).toEqual([]);
  });

  test('is named by what it is told, so that the same thing is carried once', async () => {
    const { world, postman } = await worldWith(1);
    const everybody = {
      connections: [live('ben'), live('zoe')],
      sockets: gathering({ untold: [], doubtful: [] }),
    };
    await tellEverybody(world, everybody, { event, at: NOW });
    await tellEverybody(world, everybody, { event, at: NOW });
    await tellEverybody(world, everybody, { event, at: NOW, except: connectionId('ben') });
    const [first, second, third] = postman.sent.map(({ id }) => id);
    expect(first).toBe(second);
    expect(third).not.toBe(first);
  });

  test('of a message that waited before it was handled is in time', async () => {
    const { world, postman } = await worldWith(1);
    const arrived = arrival({ handledAt: NOW + 5_000 });
    await sendMessage(world, { actor: anna, arrival: arrived, command: send() });
    expect(postman.sent[0]?.at).toBe(NOW + 5_000);
  });

  test('is told of typing soon or never', async () => {
    const { world, postman } = await worldWith(1);
    await setTyping(world, { actor: anna, roomId: ROOM, isTyping: true, at: NOW });
    expect(postman.sent).toMatchObject([{ fleeting: true }]);
  });
});

describe('those who could not be told', () => {
  test('are told later by others: connections, and sockets by what is known of them', async () => {
    const { world, postman } = await worldWith(100);
    for (const [name, outcome] of [
      ['ben', 'throttled'],
      ['zoe', new Error('reset')],
      ['eve', 'too-large'],
    ] as const)
      world.gateway.answer(connectionId(name), outcome);
    const left = { untold: [socket('a')], doubtful: [socket('b')] };
    const connections = [live('anna'), live('ben'), live('zoe'), live('eve')];
    await tellEverybody(world, { connections, sockets: gathering(left) }, { event, at: NOW });

    expect(postman.sent).toMatchObject([{ late: true, sockets: [socket('a')], doubtful: [socket('b')] }]);
    expect(postman.sent[0]?.natives.map((to) => to.connectionId)).toEqual(['conn-ben=', 'conn-zoe=']);
  });

  test.each([UNAVAILABLE, new InDoubt('timeout')])(
    'are cut when nobody surely takes them over: %s',
    async (refuse) => {
      const audience = createFakeAudience();
      const { world, postman } = await worldWith(100, { audience });
      postman.refuse = refuse;
      world.gateway.answer(connectionId('ben'), 'throttled');
      const sockets = gathering({ untold: [socket('a')], doubtful: [socket('b')] });
      const connections = [live('ben'), live('zoe')];
      await tellEverybody(world, { connections, sockets }, { event, at: NOW });
      expect(world.gateway.closed).toEqual(['conn-ben=']);
      expect(audience.dropped).toEqual(['a', 'b']);
      expect(world.log.at('warn')).toContain('a mailing could not be handed over');
    },
  );

  test('are not cut when a second try hands them over: what comes twice is carried once', async () => {
    const audience = createFakeAudience();
    const { world, postman } = await worldWith(100, { audience });
    const outcomes: (Error | undefined)[] = [new InDoubt('timeout')];
    const send = async (mailing: Mailing) => {
      const failure = outcomes.shift();
      if (failure !== undefined) throw failure;
      return postman.send(mailing);
    };
    const left = { untold: [socket('a')], doubtful: [] };
    const everybody = { connections: [], sockets: gathering(left) };
    await tellEverybody({ ...world, postman: { ...postman, send } }, everybody, { event, at: NOW });
    expect([postman.sent.length, audience.dropped]).toEqual([1, []]);
    // In doubt it stays, though the second try was refused.
    outcomes.push(new InDoubt('timeout'), UNAVAILABLE);
    const crowd = { ...everybody, connections: [live('ben')] };
    await tellEverybody({ ...world, postman: { ...postman, direct: 1, send } }, crowd, { event, at: NOW });
    expect([postman.sent.length, audience.dropped, world.gateway.posts]).toEqual([1, [], []]);
  });

  test('are named otherwise than a crowd of the same event', async () => {
    const { world, postman } = await worldWith(1);
    const sayings = gathering({ untold: [socket('a')], doubtful: [] });
    await tellEverybody(world, { connections: [live('ben')], sockets: sayings }, { event, at: NOW });
    await tellEverybody(
      { ...world, postman: { ...postman, direct: 100, send: postman.send } },
      { connections: [], sockets: sayings },
      { event, at: NOW },
    );
    expect(new Set(postman.sent.map(({ id }) => id)).size).toBe(2);
  });

  test('are a user’s devices, too', async () => {
    const { world, postman } = await worldWith(100);
    await world.sessions.open(session('eve'), NOW + HOUR);
    world.gateway.answer(connectionId('eve'), 'throttled');
    const input = { caller: { role: 'service' }, userId: userId('eve'), payload: {}, arrival: arrival() };
    await notify(world, input);
    expect(postman.sent).toMatchObject([{ late: true, natives: [{ connectionId: 'conn-eve=' }] }]);
  });

  test('of typing are not', async () => {
    const { world, postman } = await worldWith(100);
    world.gateway.answer(connectionId('ben'), 'throttled');
    await setTyping(world, { actor: anna, roomId: ROOM, isTyping: true, at: NOW });
    expect(postman.sent).toEqual([]);
  });

  test('stay untold where nobody is there to do it', async () => {
    const world = createWorld();
    await withLiveRoom(world, crowd);
    world.gateway.answer(connectionId('ben'), 'throttled');
    await say(world);
    expect(world.gateway.reached()).toEqual(['conn-ben=', 'conn-zoe=']);
    expect(world.log.at('error')).toEqual([]);
  });
});

describe('a message that took long to tell', () => {
  const slow = (ms: number) => ({ now: () => NOW + ms });

  test('says so for those who come back, and costs no call otherwise', async () => {
    const { world } = await worldWith(100, { clock: slow(TELLING.skewMs) });
    const quick = await say(failing(world, ['messages.late']));
    expect(world.log.at('warn')).toEqual([]);
    expect(await world.messages.get(ROOM, quick.message.id)).not.toHaveProperty('toldUntil');

    const late = await say({ ...world, clock: slow(TELLING.skewMs + 1) });
    expect(await world.messages.get(ROOM, late.message.id)).toMatchObject({
      toldUntil: NOW + TELLING.skewMs + 1,
    });
  });

  test('is told though that could not be noted', async () => {
    const { world } = await worldWith(100, { clock: slow(HOUR) });
    await say(failing(world, ['messages.late']));
    expect(world.gateway.posts).toHaveLength(2);
    expect(world.log.at('warn')).toEqual(['how late a message was told was not noted']);
  });

  test('to a crowd is noted by those who tell it', async () => {
    const { world } = await worldWith(1, { clock: slow(HOUR) });
    const { message } = await say(failing(world, ['messages.late']));
    expect(world.log.at('warn')).toEqual([]);
    expect(message.id).toHaveLength(26);
  });
});
