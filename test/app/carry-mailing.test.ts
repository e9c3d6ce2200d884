import { describe, expect, test } from 'vitest';

import { carryMailing } from '../../lambdas/app/carry-mailing.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { NotificationId } from '../../lambdas/domain/ids.ts';
import type { SocketAddress } from '../../lambdas/ports/mail.ts';
import { failing } from '../support/fakes/failing.ts';
import {
  carry,
  createMailWorld,
  event,
  mailing,
  native,
  natives,
  names,
  socket,
  sockets,
  UNTIL,
  type MailWorld,
} from '../support/fakes/fake-mail.ts';
import { actor, HOUR, liveIn, NOW, ROOM, session, userId, withLiveRoom } from '../support/fakes/world.ts';

const UNAVAILABLE = { code: 'unavailable' };
/** Long enough for a retry of Lambda's, and for a bag to be given up by whoever had it. */
const MINUTE = 60_000;

describe('a bag', () => {
  test('is told to everybody once, connections and sockets, as many at once as allowed', async () => {
    const world = createMailWorld();
    const of = mailing({ natives: natives(120), sockets: sockets(120) });
    await carry(world, of);
    expect(world.gateway.reached()).toEqual(of.natives.map(({ connectionId }) => connectionId).toSorted());
    expect(world.socketMail.told.toSorted()).toEqual(names(of.sockets).toSorted());
    expect(world.gateway.peak()).toBeLessThanOrEqual(FAN_OUT.concurrency);
    expect(world.socketMail.disowned).toEqual([]);
    expect(world.log.at('warn')).toEqual([]);
  });

  test('that comes twice is carried once', async () => {
    const world = createMailWorld();
    const of = mailing({ sockets: sockets(3) });
    await carry(world, of);
    await carry(world, of);
    expect(world.socketMail.told).toHaveLength(3);
  });

  test('that another invocation carries is refused, so that Lambda tries again should that one fail', async () => {
    const world = createMailWorld();
    await world.mail.take('mailing-1', { name: 'other', at: NOW, until: NOW + UNTIL });
    await expect(carry(world, mailing({ sockets: sockets(1) }))).rejects.toMatchObject(UNAVAILABLE);
    expect(world.socketMail.told).toEqual([]);
  });

  test('that another invocation takes over is left to it', async () => {
    const world = createMailWorld();
    const note: MailWorld['mail']['note'] = async () => 'lost';
    const of = mailing({ sockets: sockets(3) });
    await expect(
      carryMailing({ ...world, mail: { ...world.mail, note } }, of, NOW + UNTIL),
    ).rejects.toMatchObject(UNAVAILABLE);
    expect(world.socketMail.told).toEqual([]);
  });

  test('nobody is posted to before that is noted', async () => {
    const world = createMailWorld();
    const notes: [number, number][] = [];
    const most: number[] = [];
    const note: MailWorld['mail']['note'] = async (bag, run, progress) => {
      await new Promise((resolve) => setImmediate(resolve));
      most.push(world.socketMail.told.length);
      notes.push([progress.from, progress.to]);
      return world.mail.note(bag, run, progress);
    };
    await carryMailing(
      { ...world, mail: { ...world.mail, note } },
      mailing({ sockets: sockets(250) }),
      NOW + UNTIL,
    );
    expect(notes.map(([, to]) => to)).toEqual([100, 200, 250]);
    for (const [n, told] of most.entries()) expect(told).toBeLessThanOrEqual(notes[n - 1]?.[1] ?? 0);
    expect(world.socketMail.told).toHaveLength(250);
  });

  test('says before anybody has got it how late the message is told at most', async () => {
    const world = createMailWorld();
    await world.messages.append(event.message);
    await carry(world, mailing({ natives: natives(1) }));
    expect(await world.messages.get(ROOM, event.message.id)).toMatchObject({
      toldUntil: NOW + FAN_OUT.lateMs,
    });
  });

  test('is carried though that could not be noted', async () => {
    const world = createMailWorld();
    await carryMailing(failing(world, ['messages.late']), mailing({ natives: natives(1) }), NOW + UNTIL);
    expect(world.gateway.posts).toHaveLength(1);
    expect(world.log.at('warn')).toEqual(['how late a message is told was not noted']);
  });

  test('of packets goes to sockets only, and connections have no word for it', async () => {
    const world = createMailWorld();
    await carry(
      world,
      mailing({ content: { packets: ['42["a"]'] }, natives: [native('anna')], sockets: sockets(1) }),
    );
    await carry(
      world,
      mailing({ id: '2', content: { packets: ['42["a"]'] }, natives: [native('anna')], late: true }),
    );
    expect(world.gateway.posts).toEqual([]);
    expect(world.socketMail.told).toEqual(['s0']);
  });

  test('a gone connection loses its rows', async () => {
    const world = createMailWorld();
    await world.members.add({ ...native('ben'), roomId: ROOM, shard: 0 }, NOW + HOUR);
    world.gateway.answer(actor('ben').connectionId, 'gone');
    await carry(world, mailing({ natives: [native('ben')] }));
    expect(await liveIn(world as never)).toEqual([]);
  });
});

describe('a bag that is taken over while it is carried', () => {
  test('is left after those who were allowed', async () => {
    const world = createMailWorld();
    let notes = 0;
    const note: MailWorld['mail']['note'] = async (...args) => {
      notes += 1;
      return notes === 1 ? world.mail.note(...args) : 'lost';
    };
    const of = mailing({ sockets: sockets(250) });
    await expect(
      carryMailing({ ...world, mail: { ...world.mail, note } }, of, NOW + UNTIL),
    ).rejects.toMatchObject(UNAVAILABLE);
    expect(world.socketMail.told.length).toBeLessThanOrEqual(FAN_OUT.noted);
  });
});

describe('a second attempt', () => {
  /** As after a crash: the first attempt was done with those before `from`, and allowed to post to those before `to`. */
  async function crashed(progress: { from: number; to: number }): Promise<MailWorld> {
    const world = createMailWorld();
    await world.mail.take('mailing-1', { name: 'dead', at: NOW, until: NOW + UNTIL });
    await world.mail.note('mailing-1', 'dead', progress);
    world.clock.at += MINUTE;
    return world;
  }

  test('leaves alone who was told, cuts who may have been, and tells the rest, who can’t recover any more', async () => {
    const world = await crashed({ from: 2, to: 4 });
    await carry(world, mailing({ sockets: sockets(6) }));
    expect(world.socketMail.told).toEqual(['s4', 's5']);
    expect(world.socketMail.cuts).toEqual(['s2', 's3']);
    expect(world.socketMail.disowned.toSorted()).toEqual(['s2', 's3', 's4', 's5']);
    expect(world.log.at('warn')).toEqual(['a bag is carried on']);
  });

  test('posts again to connections, whose clients drop what they know', async () => {
    const world = await crashed({ from: 1, to: 2 });
    await carry(world, mailing({ natives: natives(3) }));
    expect(world.gateway.reached()).toEqual(['conn-n1=', 'conn-n2=']);
    expect(world.gateway.closed).toEqual([]);
  });

  test('finds connections that came back, in the same room', async () => {
    const world = await crashed({ from: 0, to: 1 });
    await withLiveRoom(world as never, ['ben/2', 'ben/3']);
    await world.sessions.open(session('ben/4'), NOW + HOUR);
    world.gateway.answer(actor('ben').connectionId, 'gone');
    await carry(world, mailing({ natives: [native('ben')] }));
    expect(world.gateway.reached()).toEqual(['conn-ben/2=', 'conn-ben/3=', 'conn-ben=']);
  });

  test('finds those of a user, too', async () => {
    const world = await crashed({ from: 0, to: 1 });
    await world.sessions.open(session('ben/2'), NOW + HOUR);
    world.gateway.answer(actor('ben').connectionId, 'gone');
    const { connectionId, userId, dialect } = native('ben');
    await carry(world, mailing({ natives: [{ connectionId, userId, dialect, connectedAt: NOW - HOUR }] }));
    expect(world.gateway.reached()).toEqual(['conn-ben/2=', 'conn-ben=']);
  });

  test('does without them when they can’t be found', async () => {
    const world = await crashed({ from: 0, to: 1 });
    world.gateway.answer(actor('ben').connectionId, 'gone');
    await carryMailing(
      failing(world, ['sessions.ofUser']),
      mailing({ natives: [native('ben')] }),
      world.clock.at + UNTIL,
    );
    expect(world.log.at('warn')).toContain('a connection that came back was not found');
  });

  test('cuts a socket that has recovered meanwhile, which may have got it by that, and forgets one that is gone', async () => {
    const world = await crashed({ from: 0, to: 0 });
    world.socketMail.where.set('s0', 'moved').set('s1', 'gone');
    world.clock.at = NOW + MINUTE;
    await carry(world, mailing({ sockets: sockets(2), late: true }));
    expect(world.socketMail.told).toEqual([]);
    expect(world.socketMail.cuts).toEqual(['s0']);
  });

  test('notes, for those who are gone and may come back, that they were not told in time', async () => {
    const world = createMailWorld();
    const notification = { id: 'n1' as NotificationId, userId: userId('ben'), payload: {}, createdAt: NOW };
    await world.messages.append(event.message);
    await world.notifications.add(notification);
    world.socketMail.where.set('s0', 'gone').set('s1', 'gone');
    const late = { sockets: sockets(2), late: true };
    await carry(world, mailing(late));
    const until = { toldUntil: NOW + FAN_OUT.lateMs };
    expect(await world.messages.get(event.message.roomId, event.message.id)).toMatchObject(until);
    const content = { event: { kind: 'notification.created', notification } } as const;
    await carry(world, mailing({ ...late, id: 'n', content }));
    expect(await world.notifications.get(userId('ben'), notification.id)).toMatchObject({
      notification: until,
    });
    await carry(world, mailing({ ...late, id: 'p', content: { packets: ['42["a"]'] } }));
  });

  test('notes it anew of those who are found to be gone later', async () => {
    const world = createMailWorld();
    await world.messages.append(event.message);
    const where = { s0: ['gone'], s1: ['unknown', 'unknown', 'unknown', 'unknown', 'gone'] };
    const disown = async ({ entry: { socketId } }: SocketAddress) =>
      (where[socketId as 's0' | 's1'].shift() ?? 'gone') as 'gone' | 'unknown';
    const socketMail = { ...world.socketMail, disown };
    const of = mailing({ sockets: sockets(2), late: true });
    await carryMailing({ ...world, socketMail }, of, world.clock.at + UNTIL);
    const waited = FAN_OUT.retryMs.slice(0, 4).reduce((sum, ms) => sum + ms, 0);
    expect(await world.messages.get(event.message.roomId, event.message.id)).toMatchObject({
      toldUntil: NOW + waited + FAN_OUT.lateMs,
    });
  });

  test('is finished though that could not be noted', async () => {
    const world = createMailWorld();
    world.socketMail.where.set('s0', 'gone');
    const of = mailing({ sockets: sockets(1), late: true });
    await carryMailing(failing(world, ['messages.late']), of, world.clock.at + UNTIL);
    expect(world.log.at('warn')).toEqual(['how late somebody is told was not noted']);
  });
});

describe('whoever can’t be told at once', () => {
  test('because the gateway is busy, is told later, and may not recover', async () => {
    const world = createMailWorld();
    world.socketMail.reach.set('s1', ['refused', 'refused']);
    await carry(world, mailing({ sockets: sockets(3) }));
    expect(world.socketMail.told.toSorted()).toEqual(['s0', 's1', 's2']);
    expect(new Set(world.socketMail.disowned)).toEqual(new Set(['s1']));
    expect(world.pauses).toEqual([FAN_OUT.retryMs[0]]);
  });

  test('because nobody answers, is cut: a second post might be a second message', async () => {
    const world = createMailWorld();
    world.socketMail.reach.set('s1', ['unknown']);
    await carry(world, mailing({ sockets: sockets(2) }));
    expect(world.socketMail.told).toEqual(['s0']);
    expect(world.socketMail.cuts).toEqual(['s1']);
  });

  test('or does not answer later', async () => {
    const world = createMailWorld();
    world.socketMail.reach.set('s0', ['refused', 'unknown']);
    await carry(world, mailing({ sockets: sockets(1) }));
    expect(world.socketMail.cuts).toEqual(['s0']);
  });

  test('is cut after the last try, connection or socket', async () => {
    const world = createMailWorld();
    world.gateway.answer(actor('n0').connectionId, 'throttled');
    world.socketMail.reach.set(
      's0',
      Array.from({ length: 9 }, () => 'refused' as const),
    );
    await carry(world, mailing({ natives: natives(1), sockets: sockets(1) }));
    expect(world.pauses).toEqual(FAN_OUT.retryMs);
    expect(world.gateway.closed).toEqual(['conn-n0=']);
    expect(world.socketMail.cuts).toEqual(['s0']);
  });

  test('and can’t be cut either, is tried again by Lambda', async () => {
    const world = createMailWorld();
    world.gateway.answer(actor('n0').connectionId, new Error('reset'));
    world.socketMail.reach.set('s0', ['unknown']);
    world.socketMail.uncuttable.add('s0');
    world.socketMail.where.set('s1', 'unknown');
    const broken = failing(world, ['gateway.close']);
    await expect(
      carryMailing(broken, mailing({ natives: natives(1), sockets: sockets(2), late: true }), NOW + UNTIL),
    ).rejects.toMatchObject(UNAVAILABLE);
    expect(world.log.at('warn')).toContain('a connection could not be cut');
    expect(await world.mail.take('mailing-1', { name: 'x', at: NOW + MINUTE, until: NOW })).toMatchObject({
      outcome: 'taken',
    });
  });

  test('is left to the next attempt when there is no time', async () => {
    const world = createMailWorld();
    world.socketMail.reach.set(
      's0',
      Array.from({ length: 9 }, () => 'refused' as const),
    );
    await expect(carryMailing(world, mailing({ sockets: sockets(1) }), NOW + 3_000)).rejects.toMatchObject(
      UNAVAILABLE,
    );
    expect(world.pauses).toEqual([250, 500]);
  });

  test('can’t be told ever, or has no word for it, is done', async () => {
    const world = createMailWorld();
    world.socketMail.reach.set('s0', ['lost']).set('s1', ['unspoken']).set('s2', ['gone']);
    await carry(world, mailing({ sockets: sockets(3) }));
    expect(world.socketMail.cuts).toEqual([]);
    expect(world.pauses).toEqual([]);
  });

  test('was told late by itself, since its post took so long, may not recover', async () => {
    const world = createMailWorld();
    const slow: MailWorld['socketMail'] = {
      ...world.socketMail,
      telling: (content) => async (to) => {
        world.clock.at += FAN_OUT.lateMs + 1;
        return world.socketMail.telling(content)(to);
      },
    };
    await carryMailing({ ...world, socketMail: slow }, mailing({ sockets: sockets(1) }), NOW + HOUR);
    expect(world.socketMail.disowned).toEqual(['s0']);
    expect(world.socketMail.told).toEqual(['s0']);
  });
});

describe('those whom another invocation could not tell', () => {
  test('are told late; who is in doubt is cut', async () => {
    const world = createMailWorld();
    await carry(
      world,
      mailing({ natives: [native('anna')], sockets: [socket('a')], doubtful: [socket('b')], late: true }),
    );
    expect(world.gateway.reached()).toEqual(['conn-anna=']);
    expect(world.socketMail.told).toEqual(['a']);
    expect(world.socketMail.cuts).toEqual(['b']);
    expect(world.socketMail.disowned).toEqual(['a', 'b']);
  });

  test('among others who are told for the first time', async () => {
    const world = createMailWorld();
    await carry(world, mailing({ sockets: [socket('a')], doubtful: [socket('b')] }));
    expect(world.socketMail.told).toEqual(['a']);
    expect(world.socketMail.cuts).toEqual(['b']);
    expect(world.socketMail.disowned).toEqual(['b']);
  });

  test('who come too late for the first time are told late, too', async () => {
    const world = createMailWorld();
    world.clock.at = NOW + FAN_OUT.lateMs + 1;
    await carry(world, mailing({ sockets: sockets(2) }));
    expect(world.socketMail.disowned).toEqual(['s0', 's1']);
    expect(world.socketMail.told).toEqual(['s0', 's1']);
  });
});

describe('what nobody misses', () => {
  const typing = {
    kind: 'typing.changed',
    roomId: ROOM,
    userId: userId('anna'),
    username: 'anna',
    isTyping: true,
  } as const;

  test('is told soon, without a note, and nobody is pursued', async () => {
    const world = createMailWorld();
    world.socketMail.reach.set('s0', ['refused']).set('s1', ['unknown']);
    const of = mailing({
      content: { event: typing },
      natives: natives(2),
      sockets: sockets(3),
      fleeting: true,
    });
    await carryMailing(failing(world, ['mail.take']), of, NOW + UNTIL);
    expect(world.gateway.posts).toHaveLength(2);
    expect(world.socketMail.told).toEqual(['s2']);
    expect(world.socketMail.cuts).toEqual([]);
  });

  test('is not told at all when it comes late', async () => {
    const world = createMailWorld();
    world.clock.at = NOW + FAN_OUT.fleetingMs + 1;
    await carry(world, mailing({ content: { event: typing }, sockets: sockets(1), fleeting: true }));
    expect(world.socketMail.told).toEqual([]);
  });
});
