import type { Command } from '../domain/commands.ts';
import type { Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { ConnectionId, UserId } from '../domain/ids.ts';
import { broadcast } from './broadcast.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { listLiveRoom } from './live-room.ts';
import { notParticipant, requireSound } from './refusals.ts';

type ReadEvent = Extract<DomainEvent, { kind: 'message.read' }>;

export interface MarkReadInput {
  readonly userId: UserId;
  readonly command: Extract<Command, { kind: 'message.read' }>;
  readonly at: Millis;
  /** The connection, or socket by its id, that gets the answer, and so no post. */
  readonly connectionId?: ConnectionId;
}

/**
 * Moves a user's receipt forward and tells the room. Two rounds: (receipt ∥ list) → posts. A receipt that is not newer
 * changes nothing, is told to nobody and is answered with the one that stands.
 * Rejects with `invalid_field` for a message of another room, with `not_participant`.
 */
export async function markRead(
  deps: FanOutDeps & Pick<Deps, 'rooms'>,
  input: MarkReadInput,
): Promise<ReadEvent> {
  const { userId, at, connectionId } = input;
  const { roomId, messageId } = input.command;
  requireSound(input.command);
  const [outcome, live] = await Promise.all([
    deps.rooms.advanceReceipt({ roomId, userId, messageId, readAt: at }),
    listLiveRoom(deps, roomId, at),
  ]);
  if (outcome === 'not-participant') throw notParticipant();
  const event: ReadEvent = { kind: 'message.read', roomId, userId, messageId, readAt: at };
  if (outcome === 'not-newer') return standing(deps, event);
  await broadcast(deps, {
    roomId,
    live,
    event,
    at,
    ...(connectionId === undefined ? {} : { except: connectionId }),
  });
  return event;
}

/** Read eventually, so it may itself be behind; then the receipt asked for is the better answer. */
async function standing(deps: Pick<Deps, 'rooms'>, asked: ReadEvent): Promise<ReadEvent> {
  const participant = await deps.rooms.participant(asked.roomId, asked.userId, 'eventual');
  const { lastReadMessageId: messageId, lastReadAt: readAt } = participant ?? {};
  if (messageId === undefined || readAt === undefined || messageId < asked.messageId) return asked;
  return { ...asked, messageId, readAt };
}
