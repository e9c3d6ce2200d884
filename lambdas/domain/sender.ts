import type { Sender } from './entities.ts';

/** Only what a sender is, of somebody who may be more, an actor for instance: the rest is not for storing. */
export function plainSender({ id, username, email, displayName }: Sender): Sender {
  return {
    id,
    username,
    ...(email === undefined ? {} : { email }),
    ...(displayName === undefined ? {} : { displayName }),
  };
}
