import type { Millis } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { ConnectionId, NotificationId, UserId } from '../domain/ids.ts';
import { belongsTo } from '../domain/message-id.ts';
import type { Deps } from './deps.ts';
import { devicesOf, tellDevices } from './devices.ts';
import type { FanOutDeps } from './fan-out.ts';

export interface ReadNotificationInput {
  readonly userId: UserId;
  readonly id: NotificationId;
  readonly at: Millis;
  /** The connection, or socket by its id, that gets the answer, and so no post. */
  readonly connectionId?: ConnectionId;
}

/**
 * Marks a notification read and tells the user's other connections and sockets; reading it again changes and tells nothing.
 * Rejects with `not_found`.
 */
export async function readNotification(
  deps: FanOutDeps & Pick<Deps, 'notifications'>,
  { userId, id, at, connectionId }: ReadNotificationInput,
): Promise<Extract<DomainEvent, { kind: 'notification.read' }>> {
  if (!belongsTo(id, userId)) throw noSuchNotification();
  const [marked, devices] = await Promise.all([
    deps.notifications.markRead(userId, id, at),
    devicesOf(deps, userId, at),
  ]);
  if (marked === undefined) throw noSuchNotification();
  const event = { kind: 'notification.read', userId, id, readAt: marked.readAt } as const;
  if (marked.readAt === at) {
    await tellDevices(deps, devices, {
      event,
      at,
      ...(connectionId === undefined ? {} : { except: connectionId }),
    });
  }
  return event;
}

function noSuchNotification(): CausewayError {
  return new CausewayError('not_found', 'No such notification.');
}
