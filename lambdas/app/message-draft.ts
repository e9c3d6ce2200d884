import type { SendCommand } from '../domain/commands.ts';
import type { Arrival, Message, Millis, Sender } from '../domain/entities.ts';
import { messageId } from '../domain/message-id.ts';
import { plainSender } from '../domain/sender.ts';
import { toldAt } from '../domain/told-at.ts';
import type { Deps } from './deps.ts';

/** The message that a command asks for, named and dated by its arrival at the gateway. */
export function draftOf(sender: Sender, arrival: Arrival, command: SendCommand): Message {
  const { kind: _, ...content } = command;
  return {
    ...content,
    id: messageId(arrival, command.roomId),
    sender: plainSender(sender),
    createdAt: arrival.at,
    ...toldAt(arrival),
    ...(arrival.turn === undefined ? {} : { turn: arrival.turn }),
  };
}

/** A message as it may be stored, and whether all have been told of it by an attempt before. */
export interface Drafted {
  readonly message: Message;
  readonly told?: true;
}

/**
 * Gives a retry the identity of the first attempt: whoever claims a `clientMessageId` first names and dates the message
 * for all. Needs no call when there is none.
 */
export async function claim(deps: Pick<Deps, 'messages'>, draft: Message): Promise<Drafted> {
  const { id, roomId, sender, clientMessageId, createdAt } = draft;
  if (clientMessageId === undefined) return { message: draft };
  const first = await deps.messages.claim({
    roomId,
    userId: sender.id,
    clientMessageId,
    messageId: id,
    at: createdAt,
  });
  // Of a first attempt that came to nothing, nobody was told.
  const { toldAt = createdAt } = draft;
  const named = { id: first.messageId, createdAt: first.at, ...(first.at === toldAt ? {} : { toldAt }) };
  return { message: { ...draft, ...named }, ...(first.told === undefined ? {} : { told: first.told }) };
}

/**
 * What was stored under this id before: the answer to a repeat. Whoever stored it tells the others, or has died on the way; where
 * that isn't known, somebody looks later. Rejects with `unavailable` when nobody will.
 */
export async function original(
  deps: Pick<Deps, 'messages' | 'postman'>,
  { message: repeat, told }: Drafted,
  at: Millis,
): Promise<Message> {
  const { id: messageId, roomId, sender, clientMessageId } = repeat;
  if (clientMessageId !== undefined && told !== true)
    await deps.postman?.lookAgain({
      kind: 'message',
      at,
      roomId,
      userId: sender.id,
      clientMessageId,
      messageId,
    });
  return (await deps.messages.get(roomId, messageId)) ?? repeat;
}

/** For repeats; what can't be repeated costs nothing. Should it fail, a repeat has everybody told once more. Never rejects. */
export async function noteTold(deps: Pick<Deps, 'messages' | 'log'>, message: Message): Promise<void> {
  const { id, roomId, sender, clientMessageId } = message;
  if (clientMessageId === undefined) return;
  try {
    await deps.messages.told({ roomId, userId: sender.id, clientMessageId });
  } catch (error) {
    deps.log.warn('that a message has been told was not noted', { roomId, messageId: id, error });
  }
}
