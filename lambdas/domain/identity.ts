import type { Identity, Millis, Sender, User } from './entities.ts';
import { plainSender } from './sender.ts';

/** Who a message is from, as the token says. */
export function senderOf(identity: Identity): Sender {
  return plainSender({ ...identity, id: identity.userId });
}

/** The profile of somebody first seen at `at`. */
export function userOf(identity: Identity, at: Millis): User {
  const { role } = identity;
  return { ...senderOf(identity), ...(role === undefined ? {} : { role }), createdAt: at };
}
