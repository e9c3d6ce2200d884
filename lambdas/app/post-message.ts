import type { SendCommand } from '../domain/commands.ts';
import type { Arrival, Message, Sender } from '../domain/entities.ts';
import { announceMessage, type AnnounceMessageDeps } from './announce-message.ts';
import type { Deps } from './deps.ts';
import { listLiveRoom } from './live-room.ts';
import { claim, draftOf, noteTold, original } from './message-draft.ts';
import { requireParticipant } from './participation.ts';
import { requireSound } from './refusals.ts';

/**
 * Sends without a connection (REST, back ends): strong participant check → append → posts to everybody in the room, the
 * sender's own connections and sockets included. A repeat of a `clientMessageId` is answered as in sendMessage.
 * Rejects with `invalid_field`, `not_participant`.
 */
export async function postMessage(
  deps: AnnounceMessageDeps & Pick<Deps, 'rooms'>,
  input: { readonly sender: Sender; readonly arrival: Arrival; readonly command: SendCommand },
): Promise<Message> {
  const { sender, arrival, command } = input;
  requireSound(command);
  const [live] = await Promise.all([
    listLiveRoom(deps, command.roomId, arrival.at),
    requireParticipant(deps, command.roomId, sender.id),
  ]);
  const drafted = await claim(deps, draftOf(sender, arrival, command));
  const { message } = drafted;
  if ((await deps.messages.append(message)) === 'exists') return original(deps, drafted, arrival.at);
  await announceMessage(deps, message, { live, at: arrival.at });
  await noteTold(deps, message);
  return message;
}
