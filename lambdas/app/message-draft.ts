import type { SendCommand } from '../domain/commands.ts';
import type { Arrival, Message, Sender } from '../domain/entities.ts';
import { messageId } from '../domain/message-id.ts';
import { toldAt } from '../domain/told-at.ts';
import type { Deps } from './deps.ts';

/** The message that a command asks for, named and dated by its arrival at the gateway. */
export function draftOf(sender: Sender, arrival: Arrival, command: SendCommand): Message {
  const { kind: _, ...content } = command;
  return {
    ...content,
    id: messageId(arrival, command.roomId),
    sender: plain(sender),
    createdAt: arrival.at,
    ...toldAt(arrival),
    ...(arrival.turn === undefined ? {} : { turn: arrival.turn }),
  };
}

/**
 * Gives a retry the identity of the first attempt: whoever claims a `clientMessageId` first names and dates the message
 * for all. Needs no call when there is none.
 */
export async function claim(deps: Pick<Deps, 'messages'>, draft: Message): Promise<Message> {
  const { id, roomId, sender, clientMessageId, createdAt } = draft;
  if (clientMessageId === undefined) return draft;
  const first = await deps.messages.claim({
    roomId,
    userId: sender.id,
    clientMessageId,
    messageId: id,
    at: createdAt,
  });
  // Of a first attempt that came to nothing, nobody was told.
  const { toldAt = createdAt } = draft;
  return { ...draft, id: first.messageId, createdAt: first.at, ...(first.at === toldAt ? {} : { toldAt }) };
}

/** What was stored under this id before: the answer to a repeat. */
export async function original(deps: Pick<Deps, 'messages'>, repeat: Message): Promise<Message> {
  return (await deps.messages.get(repeat.roomId, repeat.id)) ?? repeat;
}

/** An actor is a sender and more; the rest is not for storing. */
function plain({ id, username, email, displayName }: Sender): Sender {
  return {
    id,
    username,
    ...(email === undefined ? {} : { email }),
    ...(displayName === undefined ? {} : { displayName }),
  };
}
