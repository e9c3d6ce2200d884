import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { broadcast } from '../../lambdas/app/broadcast.ts';
import { fanOut } from '../../lambdas/app/fan-out.ts';
import type { DomainEvent } from '../../lambdas/domain/events.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import { FAN_OUT, HANDSHAKE } from '../../lambdas/manifest/limits.ts';
import type { PostOutcome } from '../../lambdas/ports/gateway.ts';
import { failing } from '../support/fakes/failing.ts';
import { NOBODY } from '../support/fakes/fake-audience.ts';
import { createFakeDialects } from '../support/fakes/fake-dialects.ts';
import {
  actor,
  connectionId,
  createWorld,
  HOUR,
  live,
  liveIn,
  NOW,
  OTHER_ROOM,
  ROOM,
  session,
  userId,
  withLiveRoom,
} from '../support/fakes/world.ts';

const event: DomainEvent = { kind: 'room.joined', roomId: ROOM, userId: userId('anna') };
const crowd = (count: number) =>
  Array.from({ length: count }, (_, n) => live(`m${String(n).padStart(4, '0')}`));
const nothing = { sent: 0, gone: 0, 'too-large': 0, throttled: 0, failed: 0, unspoken: 0 };

describe('fan-out', () => {
  test('reaches each live member exactly once, whatever becomes of the others', async () => {
    const outcome = fc.constantFrom<PostOutcome | Error>(
      'sent',
      'gone',
      'too-large',
      'throttled',
      new Error('reset'),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(outcome, { maxLength: 130 }),
        fc.option(fc.nat(129), { nil: undefined }),
        async (outcomes, own) => {
          const world = createWorld();
          const members = crowd(outcomes.length);
          for (const [n, each] of outcomes.entries()) world.gateway.answer(members[n]!.connectionId, each);
          const except = own === undefined ? undefined : members[own]?.connectionId;

          const summary = await fanOut(world, {
            event,
            to: members,
            at: NOW,
            ...(except === undefined ? {} : { except }),
          });

          const others = members.map((member) => member.connectionId).filter((id) => id !== except);
          expect(world.gateway.reached()).toEqual(others);
          expect(Object.values(summary).reduce((sum, n) => sum + n, 0)).toBe(others.length);
          expect(world.gateway.peak()).toBeLessThanOrEqual(FAN_OUT.concurrency);
        },
      ),
    );
  });

  test('keeps as many posts in flight as allowed, and no more', async () => {
    const world = createWorld();
    expect(await fanOut(world, { event, to: crowd(500), at: NOW })).toEqual({ ...nothing, sent: 500 });
    expect(world.gateway.peak()).toBe(FAN_OUT.concurrency);
  });

  test('encodes once, not once per connection', async () => {
    const dialects = createFakeDialects();
    await fanOut(createWorld({ dialects }), { event, to: crowd(40), at: NOW });
    expect(dialects.encoded()).toBe(1);
  });

  test('posts nothing in a dialect that has no word for the event, and asks it once', async () => {
    const dialects = createFakeDialects(['room.joined']);
    const world = createWorld({ dialects });
    expect(await fanOut(world, { event, to: crowd(3), at: NOW })).toEqual({ ...nothing, unspoken: 3 });
    expect(world.gateway.posts).toEqual([]);
    expect(dialects.encoded()).toBe(1);
  });

  test('a connection with two rows hears it once', async () => {
    const world = createWorld();
    await fanOut(world, { event, to: [live('anna'), live('anna', { shard: 3 })], at: NOW });
    expect(world.gateway.posts).toHaveLength(1);
  });

  test('logs lost frames loudly and the rest quietly, without the frames', async () => {
    const world = createWorld();
    await fanOut(world, { event, to: crowd(2), at: NOW });
    expect(world.log.lines).toEqual([
      { level: 'debug', message: 'fan-out', fields: { event: 'room.joined', ...nothing, sent: 2 } },
    ]);
    world.gateway.answer(connectionId('m0000'), 'throttled');
    await fanOut(world, { event, to: crowd(2), at: NOW });
    expect(world.log.at('warn')).toEqual(['fan-out lost frames']);
  });
});

describe('a connection that is gone', () => {
  test('is removed from this room, from its other rooms and from the sessions', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['anna', 'ben']);
    await withLiveRoom(world, ['ben', 'anna'], OTHER_ROOM);
    world.gateway.answer(connectionId('ben'), 'gone');

    await fanOut(world, { event, to: (await world.members.list(ROOM, NOW)).members, at: NOW });

    expect(await liveIn(world)).toEqual(['conn-anna=']);
    expect(await liveIn(world, OTHER_ROOM)).toEqual(['conn-anna=']);
    expect(await world.sessions.ofUser(userId('ben'), NOW)).toEqual([]);
    expect(await world.sessions.ofUser(userId('anna'), NOW)).toHaveLength(1);
  });

  test('is removed from every shard of the room it was in', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['ben']);
    const [ben, key] = [actor('ben'), { userId: userId('ben'), connectionId: connectionId('ben') }];
    await world.members.add(live('ben', { shard: 1 }), NOW + HOUR);
    await world.sessions.addRoom(key, { roomId: ROOM, shard: 1 });
    world.gateway.answer(ben.connectionId, 'gone');
    await fanOut(world, { event, to: (await world.members.list(ROOM, NOW)).members, at: NOW });
    expect(await liveIn(world)).toEqual([]);
  });

  test('and has no session any more loses its row all the same', async () => {
    const world = createWorld();
    await world.members.add(live('ben'), NOW + HOUR);
    world.gateway.answer(connectionId('ben'), 'gone');
    await fanOut(world, { event, to: [live('ben')], at: NOW });
    expect(await liveIn(world)).toEqual([]);
  });

  test('found among the sessions of a user is removed from its rooms', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['ben']);
    world.gateway.answer(connectionId('ben'), 'gone');
    await fanOut(world, { event, to: await world.sessions.ofUser(userId('ben'), NOW), at: NOW });
    expect(await liveIn(world)).toEqual([]);
    expect(await world.sessions.ofUser(userId('ben'), NOW)).toEqual([]);
  });

  test('only because its handshake is not over stays', async () => {
    const world = createWorld();
    const graceMs = HANDSHAKE.graceSeconds * 1000;
    const young = session('ben', { connectedAt: NOW });
    await world.sessions.open(young, NOW + HOUR);
    world.gateway.answer(young.connectionId, 'gone');
    await fanOut(world, { event, to: [young], at: NOW + graceMs - 1 });
    expect(await world.sessions.ofUser(young.userId, NOW)).toHaveLength(1);
    await fanOut(world, { event, to: [young], at: NOW + graceMs });
    expect(await world.sessions.ofUser(young.userId, NOW)).toEqual([]);
  });

  test.each(['members.remove', 'sessions.close'])('and cannot be removed (%s) fails nobody', async (name) => {
    const world = createWorld();
    await withLiveRoom(world, ['anna', 'ben', 'zoe']);
    world.gateway.answer(connectionId('ben'), 'gone');
    const summary = await fanOut(failing(world, [name]), {
      event,
      to: (await world.members.list(ROOM, NOW)).members,
      at: NOW,
    });
    expect(summary).toEqual({ ...nothing, sent: 2, gone: 1 });
    expect(world.log.at('warn')).toEqual(['a gone connection could not be removed']);
  });
});

describe('a crowded room', () => {
  const crowded = FAN_OUT.membersPerShard + 1;

  test('grows while the event is posted', async () => {
    const world = createWorld();
    await broadcast(world, {
      roomId: ROOM,
      event,
      at: NOW,
      live: { members: crowd(crowded), shards: 1, sockets: NOBODY },
    });
    expect(await world.members.shards(ROOM)).toBe(2);
    expect(world.gateway.posts).toHaveLength(crowded);
  });

  test('that is not crowded stays as it is, and costs no call', async () => {
    const world = createWorld();
    const live = { members: crowd(crowded - 1), shards: 1, sockets: NOBODY };
    await broadcast(failing(world, ['members.grow']), { roomId: ROOM, event, at: NOW, live });
    expect(world.log.at('warn')).toEqual([]);
    expect(await world.members.shards('room-1' as RoomId)).toBe(1);
  });

  test('that cannot grow is posted to all the same', async () => {
    const world = createWorld();
    const live = { members: crowd(crowded), shards: 1, sockets: NOBODY };
    const summary = await broadcast(failing(world, ['members.grow']), { roomId: ROOM, event, at: NOW, live });
    expect(summary.sent).toBe(crowded);
    expect(world.log.at('warn')).toEqual(['a room could not grow']);
  });
});
