import * as v from 'valibot';

import { displayNameField, emailField, instant, newPasswordField, usernameField } from './fields.ts';
import { REQUIRED } from '../../wire/json/fields.ts';

export const registerBody = v.object(
  {
    email: emailField,
    password: newPasswordField,
    username: usernameField,
    displayName: v.exactOptional(displayNameField),
  },
  REQUIRED,
);

/** The rules for new passwords do not matter here: what no account has is simply wrong. */
export const loginBody = v.object({ email: emailField, password: v.string('must be a string') }, REQUIRED);

/** Somebody else: no address. */
export const person = v.object({
  id: v.string(),
  username: v.string(),
  displayName: v.exactOptional(v.string()),
});

/** Oneself. */
export const user = v.object({
  id: v.string(),
  username: v.string(),
  email: v.exactOptional(v.string()),
  displayName: v.exactOptional(v.string()),
  role: v.exactOptional(v.string()),
  createdAt: instant,
});

export const session = v.object({ token: v.string(), user });

export const personExample = { id: '68f1c2a40b5e9d3a7c11f002', username: 'bob', displayName: 'Bob' };
export const userExample = {
  id: '68f1c2a40b5e9d3a7c11f001',
  username: 'alice',
  email: 'alice@example.com',
  displayName: 'Alice',
  createdAt: '2026-01-02T03:04:05.006Z',
};
export const sessionExample = { token: 'eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmF0dXJl', user: userExample };
