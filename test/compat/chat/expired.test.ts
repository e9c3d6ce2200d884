/** Who only listens is sent away when the token has run out, as who speaks is. */
import { describe, expect, test } from 'vitest';

import { dismissExpired } from '../../../compat/chat/dismiss.ts';
import { ACCOUNT } from '../../../lambdas/manifest/limits.ts';
import { createChatWorld, only, TOKEN_MS } from '../../support/chat-world.ts';

const LEEWAY_MS = ACCOUNT.clockSkewSeconds * 1000;

async function stage() {
  const world = createChatWorld({ settings: only('messenger', 'fama') });
  await world.people('anna');
  const anna = await world.member('anna');
  const born = world.clock.now();
  return { session: await anna.session(), dismiss: dismissExpired(world.chat.vocabularies), born };
}

describe('a session whose token has run out', () => {
  test('is ended at the next sweep, with the error that an event would get', async () => {
    const { session, dismiss, born } = await stage();
    expect(dismiss(session, born + TOKEN_MS - 1)).toBeUndefined();
    expect(dismiss(session, born + TOKEN_MS + LEEWAY_MS + 1)).toEqual({
      reason: 'server namespace disconnect',
      packets: ['42["error",{"message":"Authentication failed: Token expired"}]', '41'],
    });
  });

  test('stays while a socket of it has a token that is good, or is of other code', async () => {
    const { session, dismiss, born } = await stage();
    const [socket] = Object.values(session.sockets);
    const late = born + TOKEN_MS + LEEWAY_MS + 1;
    const data = JSON.stringify({ ...JSON.parse(socket!.data), tokenExpiresAt: late + TOKEN_MS });
    for (const other of [
      { ...socket!, data },
      { ...socket!, data: '{}' },
    ])
      expect(dismiss({ ...session, sockets: { ...session.sockets, '/other': other } }, late)).toBeUndefined();
    expect(dismiss({ ...session, sockets: {} }, late)).toBeUndefined();
  });
});
