import type { Identity, Millis, Sender, User } from './entities.ts';

/** Who a message is from, as the token says. */
export function senderOf({ userId, username, email, displayName }: Identity): Sender {
  return {
    id: userId,
    username,
    ...(email === undefined ? {} : { email }),
    ...(displayName === undefined ? {} : { displayName }),
  };
}

/** The profile of somebody first seen at `at`. */
export function userOf(identity: Identity, at: Millis): User {
  const { role } = identity;
  return { ...senderOf(identity), ...(role === undefined ? {} : { role }), createdAt: at };
}
