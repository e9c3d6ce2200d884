import { expect, test } from 'vitest';

import { aliasedUser } from '../../lambdas/domain/aliased-user.ts';

test.each([
  ['user_5', '5'],
  ['user_user_5', 'user_5'],
  ['user_', undefined],
  ['auser_5', undefined],
  ['5', undefined],
])('%s names the room of %s', (room, userId) => {
  expect(aliasedUser(room)).toBe(userId);
});
