/** Rows of an import are read by the deployed functions as their own. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import { createPasswordHasher } from '../../lambdas/adapters/auth/password.ts';
import { startImport } from '../import/support/command.ts';
import { createFolder } from '../import/support/files.ts';
import { startCauseway, type Causeway } from '../support/causeway.ts';

const AT = '2024-05-06T07:08:09.000Z';
const folder = createFolder();
let causeway: Causeway;

beforeAll(async () => {
  causeway = await startCauseway();
});
afterAll(async () => {
  await causeway.close();
  folder.remove();
});

test('an imported user signs in with the old password and finds the old messages', async () => {
  const passwordHash = await createPasswordHasher({ logN: 10 }).hash('long enough');
  const account = { email: 'ann@example.com', passwordHash };
  const args = {
    users: [
      { id: 'ann-1', username: 'ann', ...account, createdAt: AT },
      { id: 'ben-1', username: 'ben', createdAt: AT },
    ],
    rooms: [{ id: 'tea', name: 'tea', createdBy: 'ann-1', createdAt: AT, participants: ['ann-1', 'ben-1'] }],
    messages: [
      { id: 1, roomId: 'tea', senderId: 'ben-1', content: 'one', createdAt: AT },
      { id: 2, roomId: 'tea', senderId: 'ben-1', content: 'two', createdAt: AT },
    ],
  };
  const files = Object.entries(args).flatMap(([kind, lines]) => [`--${kind}`, folder.write(kind, lines)]);
  const { origin } = causeway.urls;
  const command = startImport([...files, '--endpoint', origin, '--state', folder.path('state.json')]);
  expect(await command.ended).toMatchObject({
    code: 0,
    output: expect.stringContaining('messages: 2 imported, 0 rejected'),
  });

  const login = await fetch(`${origin}/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: account.email, password: 'long enough' }),
  });
  const { token } = (await login.json()) as { token: string };
  const get = async (path: string) =>
    (
      await fetch(`${origin}${path}`, { headers: { authorization: `Bearer ${token}` } })
    ).json() as Promise<any>;
  expect((await get('/chat/rooms')).rooms).toMatchObject([{ id: 'tea', unreadCount: 2, createdAt: AT }]);
  const { messages } = await get('/chat/rooms/tea/messages');
  expect(messages.map((message: any) => [message.clientMessageId, message.content])).toEqual([
    ['2', 'two'],
    ['1', 'one'],
  ]);
});
