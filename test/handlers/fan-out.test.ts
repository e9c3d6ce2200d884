import { describe, expect, test } from 'vitest';

import type { ClientMessageId } from '../../lambdas/domain/ids.ts';
import { InDoubt } from '../../lambdas/domain/in-doubt.ts';
import { send } from '../../lambdas/handlers/fan-out/send.ts';
import { serveMailing } from '../../lambdas/handlers/fan-out/serve.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { Mailing } from '../../lambdas/ports/mail.ts';
import { decodeMailing, encodeMailing, encodeRepeat } from '../../lambdas/wire/mailing.ts';
import { createMailWorld, event, mailing, natives, sockets } from '../support/fakes/fake-mail.ts';
import { UNAVAILABLE } from '../support/fakes/failing.ts';

const CONTEXT = { getRemainingTimeInMillis: () => 28_000 };

describe('the function fan-out', () => {
  test('carries what it is given', async () => {
    const world = createMailWorld();
    await serveMailing(world, encodeMailing(mailing({ natives: natives(2), sockets: sockets(1) })), CONTEXT);
    expect(world.gateway.posts).toHaveLength(2);
    expect(world.socketMail.told).toEqual(['s0']);
  });

  test('throws when it has to come again', async () => {
    const world = createMailWorld();
    await world.mail.take('mailing-1', { name: 'other', at: world.now(), until: world.now() + 1 });
    const event = encodeMailing(mailing({ sockets: sockets(1) }));
    await expect(serveMailing(world, event, CONTEXT)).rejects.toMatchObject({ code: 'unavailable' });
    expect(world.log.at('warn')).toEqual(['a mailing was not carried']);
  });

  test('looks whether what came twice was told, and throws until it can know', async () => {
    const world = createMailWorld();
    const { id, roomId, sender } = event.message;
    const claim = { roomId, userId: sender.id, clientMessageId: 'c1' as ClientMessageId };
    await world.messages.claim({ ...claim, messageId: id, at: world.now() });
    await world.messages.append(event.message);
    const repeat = encodeRepeat({ kind: 'message', at: world.now(), messageId: id, ...claim });
    await expect(serveMailing(world, repeat, CONTEXT)).rejects.toMatchObject({ code: 'unavailable' });
    await world.messages.told(claim);
    await serveMailing(world, repeat, CONTEXT);
  });

  test('throws for what is no mailing, so that people look at it', async () => {
    const world = createMailWorld();
    await expect(serveMailing(world, { v: 99 }, CONTEXT)).rejects.toMatchObject({ code: 'internal' });
    expect(world.log.at('error')).toEqual(['an event is no mailing']);
  });
});

describe('a mailing that is handed over', () => {
  async function sent(of: Mailing, fails: (call: number) => Error | undefined = () => undefined) {
    const events: (Mailing | undefined)[] = [];
    const sizes: number[] = [];
    let calls = 0;
    const outcome = await send(async (text) => {
      const failure = fails((calls += 1));
      if (failure !== undefined) throw failure;
      sizes.push(Buffer.byteLength(text));
      events.push(decodeMailing(JSON.parse(text)));
    }, of).catch((error: unknown) => error);
    return { events, sizes, outcome };
  }

  const large = mailing({
    content: { packets: [`42${JSON.stringify(['é'.repeat(60_000)])}`] },
    sockets: sockets(45_000),
  });

  test('is one event if it can be', async () => {
    const of = mailing({ natives: natives(100) });
    expect((await sent(of)).events).toEqual([of]);
  });

  test('is several where Lambda takes no more at once, each with a name of its own', async () => {
    const { events, sizes } = await sent(large);
    expect(events.length).toBeGreaterThan(1);
    for (const size of sizes) expect(size).toBeLessThanOrEqual(FAN_OUT.mailingBytes);
    expect(new Set(events.map((event) => event?.id)).size).toBe(events.length);
    const reached = events.flatMap((event) => event?.sockets.map(({ entry }) => entry.socketId) ?? []);
    expect(reached).toEqual(large.sockets.map(({ entry }) => entry.socketId));
  });

  test('of which a part has left is in doubt; of which nothing has is refused', async () => {
    const part = await sent(large, (call) => (call === 1 ? UNAVAILABLE : undefined));
    expect(part.outcome).toBeInstanceOf(InDoubt);
    const none = await sent(large, () => UNAVAILABLE);
    expect(none.outcome).toBe(UNAVAILABLE);
  });

  test('that is too large for one recipient is refused', async () => {
    const of = mailing({ content: { packets: ['x'.repeat(FAN_OUT.mailingBytes)] }, sockets: sockets(1) });
    expect((await sent(of)).outcome).toMatchObject({ code: 'too_large' });
  });
});
