import { describe, expect, test } from 'vitest';

import { removeParticipant } from '../../lambdas/app/remove-participant.ts';
import { sendMessage } from '../../lambdas/app/send-message.ts';
import { failing } from '../support/fakes/failing.ts';
import {
  actor,
  arrival,
  createWorld,
  HOUR,
  live,
  liveIn,
  NOW,
  OTHER_ROOM,
  ROOM,
  send,
  userId,
  withLiveRoom,
  withRoom,
} from '../support/fakes/world.ts';

const removal = (by: string, who: string, role?: string) => ({
  roomId: ROOM,
  caller: { userId: userId(by), ...(role === undefined ? {} : { role }) },
  userId: userId(who),
  at: NOW,
});
const left = (who: string) => JSON.stringify({ kind: 'room.left', roomId: ROOM, userId: userId(who) });

describe('removing a participant', () => {
  test('takes the right and all live rows, and tells those connections only', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['anna', 'ben', 'ben/2', 'zoe']);
    await withLiveRoom(world, ['ben'], OTHER_ROOM);

    await removeParticipant(world, removal('anna', 'ben'));

    expect(await world.rooms.participant(ROOM, userId('ben'), 'strong')).toBeUndefined();
    expect(await liveIn(world)).toEqual(['conn-anna=', 'conn-zoe=']);
    expect(await liveIn(world, OTHER_ROOM)).toEqual(['conn-ben=']);
    expect(world.gateway.reached()).toEqual(['conn-ben/2=', 'conn-ben=']);
    expect(new Set(world.gateway.posts.map(({ frame }) => frame))).toEqual(new Set([left('ben')]));
    const sessions = await world.sessions.ofUser(userId('ben'), NOW);
    expect(sessions.map(({ rooms }) => rooms.map(({ roomId }) => roomId))).toEqual([[OTHER_ROOM], []]);
  });

  test('whose row the room’s list does not show yet is found by the session', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['anna', 'ben']);
    const stale = { ...world.members, list: async () => ({ members: [live('anna')], shards: 1 }) };
    await removeParticipant({ ...world, members: stale }, removal('anna', 'ben'));
    expect(await liveIn(world)).toEqual(['conn-anna=']);
    expect(world.gateway.reached()).toEqual(['conn-ben=']);
  });

  test('who was joining at that moment is caught by the second pass', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['anna']);
    await world.rooms.addParticipants(ROOM, [userId('ben')], NOW);
    let passes = 0;
    const members: typeof world.members = {
      ...world.members,
      async list(roomId, at) {
        const found = await world.members.list(roomId, at);
        if ((passes += 1) === 1) await world.members.add(live('ben'), NOW + HOUR);
        return found;
      },
    };
    await removeParticipant({ ...world, members }, removal('anna', 'ben'));
    expect(await liveIn(world)).toEqual(['conn-anna=']);
    expect(world.gateway.reached()).toEqual(['conn-ben=']);
  });

  test('anybody may go, only the creator or an admin may send away', async () => {
    const world = createWorld();
    await withRoom(world, ['anna', 'ben', 'zoe']);
    await expect(removeParticipant(world, removal('ben', 'zoe'))).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(removeParticipant(world, removal('ben', 'zoe', 'service'))).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(removeParticipant(world, removal('eve', 'zoe'))).rejects.toMatchObject({
      code: 'not_participant',
    });
    expect(await world.rooms.participants(ROOM)).toHaveLength(3);
    await removeParticipant(world, removal('ben', 'ben'));
    await removeParticipant(world, removal('anna', 'zoe'));
    await removeParticipant(world, removal('eve', 'anna', 'admin'));
    expect(await world.rooms.participants(ROOM)).toEqual([]);
  });

  test('who is not in is said to be absent, in words for the caller', async () => {
    const world = createWorld();
    await withRoom(world, ['anna']);
    await expect(removeParticipant(world, removal('anna', 'ben'))).rejects.toMatchObject({
      code: 'not_found',
    });
    await expect(removeParticipant(world, removal('ben', 'ben'))).rejects.toMatchObject({
      code: 'not_participant',
    });
    const elsewhere = { ...removal('anna', 'ben', 'admin'), roomId: OTHER_ROOM };
    await expect(removeParticipant(world, elsewhere)).rejects.toMatchObject({ code: 'not_participant' });
  });

  test.each(['anna', 'ben'])('that failed half-way is finished when %s repeats it', async (by) => {
    const world = createWorld();
    await withLiveRoom(world, ['anna', 'ben']);
    await expect(
      removeParticipant(failing(world, ['members.remove']), removal(by, 'ben')),
    ).rejects.toMatchObject({
      code: 'unavailable',
    });
    await removeParticipant(world, removal(by, 'ben'));
    expect(await liveIn(world)).toEqual(['conn-anna=']);
    expect(world.gateway.reached()).toEqual(['conn-ben=']);
  });

  test('ends sending at once, also on an instance that remembers the right', async () => {
    const world = createWorld();
    await withLiveRoom(world, ['anna', 'ben']);
    await sendMessage(world, { actor: actor('ben'), arrival: arrival(), command: send() });
    expect(world.memo.has(actor('ben').connectionId, ROOM, NOW)).toBe(true);
    await removeParticipant(world, removal('anna', 'ben'));
    expect(world.memo.has(actor('ben').connectionId, ROOM, NOW)).toBe(false);
    await expect(
      sendMessage(world, { actor: actor('ben'), arrival: arrival(), command: send() }),
    ).rejects.toMatchObject({
      code: 'not_participant',
    });
  });
});
