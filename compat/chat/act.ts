import type { Socket } from 'socket.io';

import { requireParticipant } from '../../lambdas/app/participation.ts';
import { markRead } from '../../lambdas/app/mark-read.ts';
import { readNotification } from '../../lambdas/app/read-notification.ts';
import { invalidField } from '../../lambdas/app/refusals.ts';
import { sendMessage } from '../../lambdas/app/send-message.ts';
import type { Arrival } from '../../lambdas/domain/entities.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import type { DomainEvent } from '../../lambdas/domain/events.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import { CHAT_DIALECTS, socketRoomOf, type DialectId } from '../../lambdas/manifest/dialects.ts';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import type { Intent } from '../dialects/define-dialect.ts';
import type { Host } from './deps.ts';
import { authorOf, isIn, personOf } from './person.ts';
import { speakerOf } from './speaker.ts';
import { pinOf } from './tell.ts';
import { type } from './type.ts';

/** What a client means, and where it comes from. */
export interface Act<Kind extends Intent['kind'] = Intent['kind']> {
  readonly intent: Extract<Intent, { kind: Kind }>;
  /** In whose words. */
  readonly dialect: DialectId;
  readonly arrival: Arrival;
}

/**
 * Does what a client means and tells the client of it; what the ack says besides `ok`. Undefined: another delivery of the same
 * frame says it, or has died, and then nobody has been told and nobody may say that it was done. Rejects with CausewayError.
 */
export async function act(
  host: Host,
  socket: Socket,
  { intent, dialect, arrival }: Act,
): Promise<object | undefined> {
  if (intent.kind === 'typing.set') {
    const roomId = roomOf(intent.roomId ?? personOf(socket).currentRoom ?? host.lobby);
    await type(host, socket, { isTyping: intent.isTyping, roomId, at: arrival.at });
    return {};
  }
  // Whoever does something hears of it as everybody does; the ack repeats it in the words it was asked in.
  const speaker = speakerOf(host, socket);
  const event = await cause({ ...host, deps: speaker.deps }, socket, { intent, dialect, arrival });
  if ('repeated' in event) return undefined;
  // A message was heard together with the others.
  if (event.kind !== 'message.created') speaker.hear(event);
  const asked = CHAT_DIALECTS.find((id) => id === dialect);
  return host.vocabulary.say(event, asked ?? pinOf(socket))[0]?.[1] ?? {};
}

async function cause(
  host: Host,
  socket: Socket,
  { intent, dialect, arrival }: Act<Exclude<Intent['kind'], 'typing.set'>>,
): Promise<DomainEvent> {
  const { connectionId, id: userId } = authorOf(socket);
  const { at } = arrival;
  switch (intent.kind) {
    case 'message.send':
      return send(host, socket, { intent, dialect, arrival });
    case 'room.join':
      return join(host, socket, intent.roomId);
    case 'room.leave':
      return leave(socket, intent.roomId);
    case 'message.read':
      return markRead(host.deps, { userId, command: intent, at, connectionId });
    case 'notification.read':
      return readNotification(host.deps, { userId, id: intent.id, at, connectionId });
  }
}

async function send(
  host: Host,
  socket: Socket,
  { intent, arrival }: Act<'message.send'>,
): Promise<DomainEvent> {
  const roomId = roomOf(intent.roomId ?? host.lobby);
  const event = await sendMessage(host.deps, {
    actor: authorOf(socket),
    arrival,
    command: { ...intent, roomId },
    ...(isIn(socket, roomId) ? { proven: true } : {}),
  });
  goTo(host, socket, roomId);
  return event;
}

async function join(host: Host, socket: Socket, roomId: RoomId): Promise<DomainEvent> {
  const { userId } = personOf(socket);
  if (!isIn(socket, roomId)) {
    // Strongly: from now on being in the room is the proof.
    await requireParticipant(host.deps, roomId, userId);
    // Its own id is one of them.
    if (socket.rooms.size > SOCKETIO_SESSION.roomsPerSocket)
      throw new CausewayError('forbidden', `At most ${SOCKETIO_SESSION.roomsPerSocket} rooms at once.`);
    await socket.join(socketRoomOf(roomId));
  }
  goTo(host, socket, roomId);
  return { kind: 'room.joined', roomId, userId };
}

/** The same answer for any room, so that it tells nothing about rooms. */
async function leave(socket: Socket, roomId: RoomId): Promise<DomainEvent> {
  const person = personOf(socket);
  await socket.leave(socketRoomOf(roomId));
  if (person.currentRoom === roomId) delete person.currentRoom;
  return { kind: 'room.left', roomId, userId: person.userId };
}

function roomOf(roomId: RoomId | undefined): RoomId {
  if (roomId === undefined) throw invalidField('roomId', 'must be given: there is no lobby');
  return roomId;
}

/** Only the messenger's `typing` asks where somebody is; for all others it need not be stored. */
function goTo({ dialects, lobby }: Host, socket: Socket, roomId: RoomId): void {
  const person = personOf(socket);
  const pin = pinOf(socket);
  if (!dialects.includes('messenger') || (pin !== undefined && pin !== 'messenger')) return;
  if ((person.currentRoom ?? lobby) !== roomId) person.currentRoom = roomId;
}
