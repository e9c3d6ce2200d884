/** docs/contracts/fama.md: the life of a connection. */
import * as v from 'valibot';

import type { UserId } from '../../lambdas/domain/ids.ts';
import type { ClientEventsOf, ServerEventsOf } from './define-dialect.ts';
import { NOTHING, defineDialect } from './define-dialect.ts';
import { problem } from './fields.ts';
import { sayError } from './say-error.ts';

export const fama = defineDialect({
  id: 'fama',
  document: 'docs/contracts/fama.md',
  title: 'Socket.IO — Dokumentacja Połączeń',
  autoJoins: { rooms: false, lobby: false },

  receives: {},

  sends: {
    connected: {
      about: 'The token was good and the user is registered. Once per connection, not after a recovery.',
      payload: v.object({
        message: v.literal('Successfully connected'),
        user: v.object({ user_id: v.union([v.number(), v.string()]), username: v.string() }),
      }),
    },
    error: { about: 'Authorization, validation or the server failed.', payload: problem },
  },

  says: {
    'session.connected': ({ user: { id, username } }) => [
      'connected',
      { message: 'Successfully connected', user: { user_id: userIdOf(id), username } },
    ],
    'error.raised': sayError,

    // Nothing but the connection itself: who comes and goes is said in the words of a chat vocabulary.
    'presence.changed': NOTHING,
    'message.created': NOTHING,
    'message.read': NOTHING,
    'typing.changed': NOTHING,
    'room.joined': NOTHING,
    'room.left': NOTHING,
    'notification.created': NOTHING,
    'notification.read': NOTHING,
  },
});

export type ServerToClientEvents = ServerEventsOf<typeof fama>;
// oxlint-disable-next-line typescript/no-generated-empty-object-type -- clients say nothing in it
export type ClientToServerEvents = ClientEventsOf<typeof fama>;

/** The document's ids are numbers. Whatever would not be the same id again when written out stays text: `007`, 20 digits. */
function userIdOf(id: UserId): number | string {
  const number = Number(id);
  return /^\d+$/.test(id) && Number.isSafeInteger(number) && String(number) === id ? number : id;
}
