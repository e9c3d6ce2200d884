import type { SendCommand } from '../domain/commands.ts';
import type { Actor, Arrival, Message, Sender } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { DomainEvent } from '../domain/events.ts';
import { announceMessage, type AnnounceMessageDeps } from './announce-message.ts';
import type { Deps } from './deps.ts';
import type { LiveRoom } from './live-room.ts';
import { enterLiveRoom } from './live-room.ts';
import { claim, draftOf, noteTold, original, type Drafted } from './message-draft.ts';
import { requireSound } from './refusals.ts';

export type SendDeps = AnnounceMessageDeps & Pick<Deps, 'rooms' | 'memo'>;

/** Who says something: over a connection, or by a Socket.IO socket, whose id then stands for the connection's. */
export type Author = Pick<Actor, keyof Sender | 'connectionId'>;

export interface SendInput {
  readonly actor: Author;
  readonly arrival: Arrival;
  readonly command: SendCommand;
  /** The caller has proof of the right: the session of a socket that is in the room. Nothing is looked up, then. */
  readonly proven?: true;
}

/** `repeated`: it was stored before, by another attempt or another delivery of the same frame. */
export type Sent = Extract<DomainEvent, { kind: 'message.created' }> & { readonly repeated?: true };

/**
 * Stores a message and tells everybody in the room but the connection or socket it came from, which gets it as the answer.
 *
 * AWS calls one after another: list → append → posts; where the right is proven, or this instance has seen it proven within
 * 30 seconds, (list ∥ append) → posts. A message whose sender turns out to have lost the right is taken back and never posted.
 * With a `clientMessageId` the claim comes before the append, and a note that all were told after the posts; a repeat is answered
 * with the original and posts nothing, but has somebody look later where that note is missing.
 * Rejects with `invalid_field`, `not_participant`.
 */
export async function sendMessage(deps: SendDeps, input: SendInput): Promise<Sent> {
  const { actor, arrival, command, proven } = input;
  requireSound(command);
  let drafted: Drafted = { message: draftOf(actor, arrival, command) };
  const proof = prove(deps, input);
  if (proven !== true && !deps.memo.has(actor.connectionId, command.roomId, arrival.at)) await proof;
  // The claim is on the critical path anyway, so with it the proof is waited for before anything is stored.
  if (command.clientMessageId !== undefined)
    [drafted] = await Promise.all([claim(deps, drafted.message), proof]);
  const { message } = drafted;
  const { outcome, live } = await appendProven(deps, message, proof);
  if (outcome === 'exists')
    return { kind: 'message.created', message: await original(deps, drafted, arrival.at), repeated: true };
  await announceMessage(deps, message, { live, except: actor.connectionId, at: arrival.at });
  await noteTold(deps, message);
  return { kind: 'message.created', message };
}

async function prove(deps: SendDeps, input: SendInput): Promise<LiveRoom> {
  const { actor, arrival, command, proven } = input;
  const { roomId } = command;
  try {
    const live = await enterLiveRoom(deps, {
      roomId,
      userId: actor.id,
      at: arrival.at,
      ...(proven === undefined ? {} : { proven }),
    });
    deps.memo.remember(actor.connectionId, roomId, arrival.at);
    return live;
  } catch (error) {
    deps.memo.forget(actor.connectionId, roomId);
    throw error;
  }
}

async function appendProven(
  deps: Pick<Deps, 'messages' | 'log'>,
  message: Message,
  proof: Promise<LiveRoom>,
): Promise<{ readonly outcome: 'stored' | 'exists'; readonly live: LiveRoom }> {
  const [appended, proven] = await Promise.allSettled([deps.messages.append(message), proof]);
  if (proven.status === 'fulfilled') {
    if (appended.status === 'rejected') throw appended.reason;
    return { outcome: appended.value, live: proven.value };
  }
  // `exists` means that the same frame was handled elsewhere, and is judged there. A failed append may have stored it.
  if (appended.status === 'rejected' || appended.value === 'stored') await takeBack(deps, message);
  throw proven.reason;
}

async function takeBack(deps: Pick<Deps, 'messages' | 'log'>, message: Message): Promise<void> {
  try {
    await deps.messages.remove(message.roomId, message.id);
  } catch (error) {
    deps.log.error('an unproven message could not be taken back', {
      roomId: message.roomId,
      messageId: message.id,
      error,
    });
    throw new CausewayError('unavailable', 'The message could not be handled; try again.', { cause: error });
  }
}
