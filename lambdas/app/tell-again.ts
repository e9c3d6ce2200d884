import { CausewayError } from '../domain/errors.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { Millis } from '../domain/entities.ts';
import { FAN_OUT } from '../manifest/limits.ts';
import type { Repeat } from '../ports/mail.ts';
import { carryMailing, type MailDeps } from './carry-mailing.ts';
import type { Deps } from './deps.ts';
import { devicesOf } from './devices.ts';
import { listLiveRoom } from './live-room.ts';
import { mailingOf } from './mailing.ts';
import type { Everybody } from './tell-everybody.ts';

export interface AgainDeps extends MailDeps, Pick<Deps, 'audience'> {}

/** One event that came twice. */
interface Case {
  /** Undefined when all were told, or there is nothing to tell. */
  untold(): Promise<Extract<DomainEvent, { kind: 'message.created' | 'notification.created' }> | undefined>;
  late(until: Millis): Promise<void>;
  everybody(at: Millis): Promise<Everybody>;
  told(): Promise<void>;
}

/**
 * Tells everybody of what was stored by an invocation that seems to have died before it told them. Some may have been told:
 * native clients drop what they know; sockets are cut, so that their clients come back and read what there is. Whoever is
 * not connected now is no longer taken for told when they come back.
 * Rejects with CausewayError('unavailable') when it should be tried again, also while whoever was first may not have ended.
 */
export async function tellAgain(deps: AgainDeps, repeat: Repeat, until: Millis): Promise<void> {
  const again = repeat.kind === 'message' ? ofMessage(deps, repeat) : ofNotification(deps, repeat);
  const event = await again.untold();
  if (event === undefined) return;
  const now = deps.now();
  if (now < repeat.at + FAN_OUT.againMs)
    throw new CausewayError('unavailable', 'Whoever was first may be telling it yet');
  const id = event.kind === 'message.created' ? event.message.id : event.notification.id;
  deps.log.warn('nobody may have been told of an event', { event: event.kind, id });
  // In this order: who comes back between the two reads the one or is found by the other.
  await again.late(now + FAN_OUT.lateMs);
  const { connections, sockets } = await again.everybody(now);
  const to = { natives: connections, sockets: [], doubtful: sockets.hearers(event), late: true };
  // However often it comes, nobody is cut twice.
  await carryMailing(deps, { ...mailingOf({ event, at: now }, to), id: `again-${id}` }, until);
  await again.told();
}

function ofMessage(
  deps: AgainDeps,
  { roomId, messageId, ...key }: Repeat & { readonly kind: 'message' },
): Case {
  const { messages, now } = deps;
  const claim = { roomId, userId: key.userId, clientMessageId: key.clientMessageId };
  return {
    async untold() {
      const claimed = await messages.claimed(claim, now());
      if (claimed?.messageId !== messageId || claimed.told === true) return undefined;
      const message = await messages.get(roomId, messageId);
      return message && { kind: 'message.created', message };
    },
    late: (until) => messages.late(roomId, messageId, until),
    async everybody(at) {
      const { members: connections, sockets } = await listLiveRoom(deps, roomId, at);
      return { connections, sockets };
    },
    told: () => messages.told(claim),
  };
}

function ofNotification(deps: AgainDeps, { userId, id }: Repeat & { readonly kind: 'notification' }): Case {
  const { notifications } = deps;
  return {
    async untold() {
      const stored = await notifications.get(userId, id);
      if (stored === undefined || stored.told) return undefined;
      return { kind: 'notification.created', notification: stored.notification };
    },
    late: (until) => notifications.late(userId, id, until),
    everybody: (at) => devicesOf(deps, userId, at),
    told: () => notifications.told(userId, id),
  };
}
