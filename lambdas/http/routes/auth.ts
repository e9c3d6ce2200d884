import { login } from '../../app/login.ts';
import { register } from '../../app/register.ts';
import { CausewayError } from '../../domain/errors.ts';
import type { RestDeps } from '../deps.ts';
import { userJson } from '../json-views.ts';
import { publicOperation } from '../operation.ts';
import { loginBody, registerBody, session, sessionExample } from '../schemas/people.ts';

export const registerOperation = publicOperation({
  method: 'post',
  path: '/auth/register',
  operationId: 'register',
  summary: 'Create an account and sign in',
  tag: 'auth',
  body: registerBody,
  bodyExample: {
    email: 'alice@example.com',
    password: 'correct horse',
    username: 'alice',
    displayName: 'Alice',
  },
  success: {
    status: 201,
    description: 'The new user and a token.',
    schema: session,
    example: sessionExample,
  },
  errors: ['email_taken', 'rate_limited', 'not_found'],
  handle: async (deps, { body, address, arrival }) => {
    requireAccounts(deps);
    const { token, user } = await register(deps, { ...body, address, at: arrival.at });
    return { token, user: userJson(user) };
  },
});

export const loginOperation = publicOperation({
  method: 'post',
  path: '/auth/login',
  operationId: 'login',
  summary: 'Sign in',
  tag: 'auth',
  body: loginBody,
  bodyExample: { email: 'alice@example.com', password: 'correct horse' },
  success: { status: 200, description: 'The user and a token.', schema: session, example: sessionExample },
  errors: ['invalid_credentials', 'rate_limited', 'not_found'],
  handle: async (deps, { body, address, arrival }) => {
    requireAccounts(deps);
    const { token, user } = await login(deps, { ...body, address, at: arrival.at });
    return { token, user: userJson(user) };
  },
});

function requireAccounts({ accounts }: RestDeps): void {
  if (!accounts)
    throw new CausewayError('not_found', 'Accounts of this deployment are kept by another issuer.');
}
