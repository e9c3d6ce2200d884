import type { Actor, Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { RoomId } from '../domain/ids.ts';
import { broadcast } from './broadcast.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { enterLiveRoom } from './live-room.ts';

/** Tells the others in the room. Two rounds: list → posts; nothing is stored. Rejects with `not_participant`. */
export async function setTyping(
  deps: FanOutDeps & Pick<Deps, 'rooms'>,
  input: { readonly actor: Actor; readonly roomId: RoomId; readonly isTyping: boolean; readonly at: Millis },
): Promise<Extract<DomainEvent, { kind: 'typing.changed' }>> {
  const { actor, roomId, isTyping, at } = input;
  const live = await enterLiveRoom(deps, { roomId, userId: actor.id, at });
  const event = {
    kind: 'typing.changed',
    roomId,
    userId: actor.id,
    username: actor.username,
    isTyping,
  } as const;
  await broadcast(deps, { roomId, live, event, except: actor.connectionId, at });
  return event;
}
