import type { Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { RoomId } from '../domain/ids.ts';
import { broadcast } from './broadcast.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { enterLiveRoom } from './live-room.ts';
import type { Author } from './send-message.ts';

export interface TypingInput {
  readonly actor: Author;
  readonly roomId: RoomId;
  readonly isTyping: boolean;
  readonly at: Millis;
  /** As for sendMessage. */
  readonly proven?: true;
}

/** Tells the others in the room. Two rounds: list → posts; nothing is stored. Rejects with `not_participant`. */
export async function setTyping(
  deps: FanOutDeps & Pick<Deps, 'rooms'>,
  { actor, isTyping, ...visit }: TypingInput,
): Promise<Extract<DomainEvent, { kind: 'typing.changed' }>> {
  const { roomId, at } = visit;
  const live = await enterLiveRoom(deps, { ...visit, userId: actor.id });
  const { id: userId, username } = actor;
  const event = { kind: 'typing.changed', roomId, userId, username, isTyping } as const;
  await broadcast(deps, { roomId, live, event, except: actor.connectionId, at });
  return event;
}
