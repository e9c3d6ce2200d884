import type { Millis } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { ConnectionId, NotificationId, UserId } from '../domain/ids.ts';
import { belongsTo } from '../domain/message-id.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { fanOut } from './fan-out.ts';

export interface ReadNotificationInput {
  readonly userId: UserId;
  readonly id: NotificationId;
  readonly at: Millis;
  /** The connection that gets the answer, and so no post. */
  readonly connectionId?: ConnectionId;
}

/** Marks a notification read and tells the user's other connections; reading it again changes and tells nothing. Rejects with `not_found`. */
export async function readNotification(
  deps: FanOutDeps & Pick<Deps, 'notifications'>,
  { userId, id, at, connectionId }: ReadNotificationInput,
): Promise<Extract<DomainEvent, { kind: 'notification.read' }>> {
  if (!belongsTo(id, userId)) throw noSuchNotification();
  const [marked, sessions] = await Promise.all([
    deps.notifications.markRead(userId, id, at),
    deps.sessions.ofUser(userId, at),
  ]);
  if (marked === undefined) throw noSuchNotification();
  const event = { kind: 'notification.read', userId, id, readAt: marked.readAt } as const;
  if (marked.readAt === at) {
    await fanOut(deps, {
      event,
      to: sessions,
      at,
      ...(connectionId === undefined ? {} : { except: connectionId }),
    });
  }
  return event;
}

function noSuchNotification(): CausewayError {
  return new CausewayError('not_found', 'No such notification.');
}
