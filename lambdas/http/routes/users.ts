import { getMe } from '../../app/get-me.ts';
import { userJson } from '../json-views.ts';
import { bearerOperation } from '../operation.ts';
import { user, userExample } from '../schemas/people.ts';

export const getMeOperation = bearerOperation({
  method: 'get',
  path: '/users/me',
  operationId: 'getMe',
  summary: 'Who the token speaks for',
  tag: 'users',
  success: { status: 200, description: 'The caller.', schema: user, example: userExample },
  errors: ['user_not_found'],
  handle: async (deps, { identity, arrival }) => userJson(await getMe(deps, { identity, at: arrival.at })),
});
