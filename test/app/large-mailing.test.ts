import { describe, expect, test } from 'vitest';

import { halvesOf, sizeOf } from '../../lambdas/app/mailing.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import {
  carry,
  createMailWorld,
  event,
  mailing,
  natives,
  names,
  socket,
  sockets,
  type MailWorld,
} from '../support/fakes/fake-mail.ts';
import { ROOM } from '../support/fakes/world.ts';

const UNAVAILABLE = { code: 'unavailable' };

describe('halves of a mailing', () => {
  test('are all of it, each once, by names of their own', () => {
    const of = mailing({ natives: natives(2), sockets: sockets(2), doubtful: [socket('d')] });
    const [first, second] = halvesOf(of)!;
    expect([first.id, second.id]).toEqual(['mailing-1a', 'mailing-1b']);
    expect([...first.natives, ...second.natives]).toEqual(of.natives);
    expect([...first.sockets, ...second.sockets]).toEqual(of.sockets);
    expect([...first.doubtful, ...second.doubtful]).toEqual(of.doubtful);
    expect(sizeOf(first) - sizeOf(second)).toBe(1);
  });

  test('of one recipient there are none', () => {
    expect(halvesOf(mailing({ sockets: sockets(1) }))).toBeUndefined();
  });
});

describe('a large mailing', () => {
  test('goes in bags that are all of it, each once', async () => {
    const world = createMailWorld();
    const of = mailing({ natives: natives(620), sockets: sockets(500), doubtful: [socket('d')] });
    await carry(world, of);
    expect(world.dispatched.map(({ id }) => id)).toEqual(['mailing-1-0', 'mailing-1-1', 'mailing-1-2']);
    expect(world.dispatched.flatMap((bag) => bag.natives)).toEqual(of.natives);
    expect(world.dispatched.flatMap((bag) => bag.sockets)).toEqual(of.sockets);
    expect(world.dispatched.flatMap((bag) => bag.doubtful)).toEqual(of.doubtful);
    for (const bag of world.dispatched)
      expect(bag.natives.length + bag.sockets.length + bag.doubtful.length).toBeLessThanOrEqual(FAN_OUT.bag);
    expect(world.gateway.posts).toEqual([]);
  });

  test('is tried again when a bag does not leave; those that left are carried once', async () => {
    const world = createMailWorld();
    let calls = 0;
    const dispatch: MailWorld['dispatch'] = async (bag) => {
      calls += 1;
      if (calls === 2) throw new Error('throttled');
      await world.dispatch(bag);
    };
    const of = mailing({ sockets: sockets(1_200) });
    await expect(carry({ ...world, dispatch }, of)).rejects.toMatchObject(UNAVAILABLE);
    await carry(world, of);
    expect(world.dispatched).toHaveLength(5);
    for (const bag of world.dispatched) await carry(world, bag);
    expect(world.socketMail.told.toSorted()).toEqual(names(of.sockets).toSorted());
  });

  test('bags do not note again how late the message is told', async () => {
    const world = createMailWorld();
    await world.messages.append(event.message);
    await carry(world, mailing({ isBag: true, natives: natives(1) }));
    expect(await world.messages.get(ROOM, event.message.id)).not.toHaveProperty('toldUntil');
  });
});
