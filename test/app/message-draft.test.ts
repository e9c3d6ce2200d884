import { describe, expect, it } from 'vitest';

import { createMemoryStores } from '../../lambdas/adapters/memory/memory-stores.ts';
import { claim, draftOf } from '../../lambdas/app/message-draft.ts';
import type { ClientMessageId } from '../../lambdas/domain/ids.ts';
import { NOW, ROOM, userId } from '../support/fakes/world.ts';

const anna = { id: userId('anna'), username: 'anna' };
const command = {
  kind: 'message.send',
  roomId: ROOM,
  content: 'hello',
  messageType: 'text',
  clientMessageId: 'c1' as ClientMessageId,
} as const;
const draft = (at: number, handledAt = at) => draftOf(anna, { at, requestId: `r${at}`, handledAt }, command);

describe('a message that is sent again', () => {
  it('has the date of its first attempt, of which nobody was told', async () => {
    const deps = createMemoryStores({ now: () => NOW });
    const first = await claim(deps, draft(NOW));
    expect(first.message.toldAt).toBeUndefined();
    const again = await claim(deps, draft(NOW + 5_000));
    expect(again).toMatchObject({
      message: { id: first.message.id, createdAt: NOW, toldAt: NOW + 5_000 },
    });
    expect(await claim(deps, draft(NOW + 6_000, NOW + 9_000))).toMatchObject({
      message: { createdAt: NOW, toldAt: NOW + 9_000 },
    });
  });

  it('learns whether all have been told of it', async () => {
    const deps = createMemoryStores({ now: () => NOW });
    expect(await claim(deps, draft(NOW))).not.toHaveProperty('told');
    expect(await claim(deps, draft(NOW + 1))).not.toHaveProperty('told');
    await deps.messages.told({ roomId: ROOM, userId: anna.id, clientMessageId: command.clientMessageId });
    expect(await claim(deps, draft(NOW + 2))).toMatchObject({ told: true });
  });
});

it('says which turn of its instance it was, where the function counts them', () => {
  const counted = draftOf(anna, { at: NOW, requestId: 'r', turn: 'i.1.1.0' }, command);
  expect(counted.turn).toBe('i.1.1.0');
  expect(draft(NOW)).not.toHaveProperty('turn');
});
