import type { Message, Participant } from '../domain/entities.ts';
import type { RoomId } from '../domain/ids.ts';
import { ROOM_LIST } from '../manifest/limits.ts';
import type { Deps } from './deps.ts';

/** What one participant wants to know about a room at a glance. */
export interface RoomActivity {
  readonly lastMessage?: Message;
  /** Messages of others since the participant's receipt; ROOM_LIST.unreadMax means that many or more. */
  readonly unreadCount: number;
}

export async function lastMessageOf(
  deps: Pick<Deps, 'messages'>,
  roomId: RoomId,
): Promise<Pick<RoomActivity, 'lastMessage'>> {
  const { messages } = await deps.messages.history(roomId, { limit: 1 });
  const lastMessage = messages[0];
  return lastMessage === undefined ? {} : { lastMessage };
}

export function unreadCountOf(
  deps: Pick<Deps, 'messages'>,
  { roomId, userId, lastReadMessageId }: Participant,
): Promise<number> {
  return deps.messages.countAfter(roomId, {
    exceptSender: userId,
    limit: ROOM_LIST.unreadMax,
    ...(lastReadMessageId === undefined ? {} : { after: lastReadMessageId }),
  });
}
