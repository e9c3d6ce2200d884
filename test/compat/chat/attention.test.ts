import { describe, expect, it } from 'vitest';

import { createAttention } from '../../../compat/chat/attention.ts';
import type { EngineSession } from '../../../lambdas/ports/socketio.ts';
import { createChatWorld, type ChatWorld, userId } from '../../support/chat-world.ts';

const MINUTE = 60_000;

/** Anna is in, and what was put off then was lost. */
async function unannounced() {
  const world = createChatWorld();
  await world.people('anna');
  const anna = await world.member('anna');
  await anna.send('0/chat,{"token":"anna"}');
  world.later.splice(0);
  return { world, session: () => anna.session() };
}

function attentionOf(world: ChatWorld) {
  const { presence, later, log } = world.chat;
  const reads: string[] = [];
  const counted = {
    get: (id: Parameters<typeof presence.get>[0]) => {
      reads.push(id);
      return presence.get(id);
    },
  };
  const looked = createAttention(
    { presence: counted, later, log, clock: world.clock },
    { namespaces: ['/', '/chat'], periodMs: 4 * MINUTE },
  );
  return { looked, reads };
}

describe('the sweep, of sessions that came a while ago', () => {
  it('has the others told whom nobody was told of, once', async () => {
    const { world, session } = await unannounced();
    const { looked, reads } = attentionOf(world);
    world.clock.advance(MINUTE);
    for (let look = 0; look < 3; look++) await looked([await session()]);
    expect(world.later).toEqual([
      { task: { kind: 'presence.settle', userId: userId('anna'), at: world.clock.now() }, seconds: 0 },
    ]);
    expect(reads).toEqual([userId('anna')]);
  });

  it('leaves alone who is marked as online', async () => {
    const { world, session } = await unannounced();
    await world.chat.later.schedule(
      { kind: 'presence.settle', userId: userId('anna'), at: world.clock.now() },
      1,
    );
    await world.pass(60);
    await attentionOf(world).looked([await session()]);
    expect(world.later).toEqual([]);
  });

  it.each<[string, number, Partial<EngineSession>]>([
    ['have just come', 14_000, {}],
    ['came long ago', 10 * MINUTE, {}],
    ['are closed', MINUTE, { closed: { reason: 'transport close', at: 0 } }],
    ['are in no namespace of the chat', MINUTE, { sockets: {} }],
  ])('asks nothing of those that %s', async (_which, age, over) => {
    const { world, session } = await unannounced();
    const { looked, reads } = attentionOf(world);
    world.clock.advance(age);
    await looked([{ ...(await session()), ...over }]);
    expect(reads).toEqual([]);
  });

  it('tries again when it failed', async () => {
    const { world, session } = await unannounced();
    const { looked, reads } = attentionOf(world);
    world.clock.advance(MINUTE);
    const { schedule } = world.chat.later;
    Object.assign(world.chat.later, { schedule: () => Promise.reject(new Error('no queue')) });
    await looked([await session()]);
    Object.assign(world.chat.later, { schedule });
    await looked([await session()]);
    expect(world.later).toHaveLength(1);
    expect(reads).toHaveLength(2);
  });
});
