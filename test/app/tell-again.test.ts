import { describe, expect, test } from 'vitest';

import { tellAgain } from '../../lambdas/app/tell-again.ts';
import type { ClientMessageId, NotificationId } from '../../lambdas/domain/ids.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { Repeat } from '../../lambdas/ports/mail.ts';
import { createFakeAudience } from '../support/fakes/fake-audience.ts';
import { createMailWorld, event, UNTIL } from '../support/fakes/fake-mail.ts';
import { failing, UNAVAILABLE } from '../support/fakes/failing.ts';
import { actor, HOUR, live, NOW, ROOM, session, userId } from '../support/fakes/world.ts';

const { message } = event;
const claim = { roomId: ROOM, userId: message.sender.id, clientMessageId: 'c1' as ClientMessageId };
const ofMessage: Repeat = { kind: 'message', at: NOW, messageId: message.id, ...claim };
const ben = userId('ben');
const notification = { id: 'n1' as NotificationId, userId: ben, payload: {}, createdAt: NOW };
const ofNotification: Repeat = { kind: 'notification', at: NOW, userId: ben, id: notification.id };

/** Ben is connected natively and by a socket; what was stored is told by nobody. A minute later. */
async function worldAfter(ms: number = FAN_OUT.againMs) {
  const audience = createFakeAudience([{ id: 's1', userId: ben, rooms: [ROOM] }]);
  const world = { ...createMailWorld(), audience };
  world.clock.at = NOW + ms;
  await world.messages.claim({ ...claim, messageId: message.id, at: NOW });
  await world.messages.append(message);
  await world.notifications.add(notification);
  await world.members.add(live('ben'), NOW + HOUR);
  await world.sessions.open(session('ben'), NOW + HOUR);
  const again = (repeat: Repeat, deps = world) => tellAgain(deps, repeat, world.clock.at + UNTIL);
  return { world, again };
}

describe.each([
  ['a message', ofMessage],
  ['a notification', ofNotification],
] as const)('%s that came twice', (_what, repeat) => {
  test('and was told by nobody: connections are told, sockets are cut, and who is away is not taken for told', async () => {
    const { world, again } = await worldAfter();
    await again(repeat);
    expect(world.gateway.reached()).toEqual([actor('ben').connectionId]);
    expect(world.socketMail).toMatchObject({ told: [], disowned: ['s1'], cuts: ['s1'] });
    const until = { toldUntil: world.clock.at + FAN_OUT.lateMs };
    if (repeat.kind === 'message') expect(await world.messages.get(ROOM, message.id)).toMatchObject(until);
    else
      expect(await world.notifications.get(ben, 'n1' as NotificationId)).toMatchObject({
        notification: until,
      });
  });

  test('once, however often somebody looks', async () => {
    const { world, again } = await worldAfter();
    const forgetful = failing(world, ['messages.told', 'notifications.told']);
    await expect(again(repeat, forgetful)).rejects.toBe(UNAVAILABLE);
    await again(repeat);
    await again(repeat);
    expect(world.socketMail.cuts).toEqual(['s1']);
    expect(world.gateway.posts).toHaveLength(1);
  });

  test('is told by nobody while whoever was first may be telling it yet', async () => {
    const { world, again } = await worldAfter(FAN_OUT.againMs - 1);
    await expect(again(repeat)).rejects.toMatchObject({ code: 'unavailable' });
    expect([world.gateway.posts, world.socketMail.cuts]).toEqual([[], []]);
    world.clock.at += 1;
    await again(repeat);
    expect(world.socketMail.cuts).toEqual(['s1']);
  });

  test('is left alone when all were told, at once', async () => {
    const { world, again } = await worldAfter(0);
    await world.messages.told(claim);
    await world.notifications.told(ben, notification.id);
    await again(repeat);
    expect([world.gateway.posts, world.socketMail.cuts]).toEqual([[], []]);
  });

  test('is tried again by Lambda when that can’t be done', async () => {
    const { world, again } = await worldAfter();
    for (const call of ['members.list', 'sessions.ofUser']) {
      const broken = failing(world, [call, 'messages.late', 'notifications.late']);
      await expect(again(repeat, broken)).rejects.toBe(UNAVAILABLE);
    }
    await again(repeat);
    expect(world.socketMail.cuts).toEqual(['s1']);
  });
});

test('a message that was claimed by another, or taken back, and a notification that is gone, need nothing', async () => {
  const { world, again } = await worldAfter();
  await again({ ...ofMessage, messageId: 'other' as typeof message.id });
  await again({ ...ofMessage, clientMessageId: 'unknown' as ClientMessageId });
  await world.messages.remove(ROOM, message.id);
  await again(ofMessage);
  await again({ ...ofNotification, id: 'n2' as NotificationId });
  expect([world.gateway.posts, world.socketMail.cuts]).toEqual([[], []]);
});
