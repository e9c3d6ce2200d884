import type { Arrival, Notification } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import { checkJsonObject } from '../domain/json-object.ts';
import { notificationId } from '../domain/message-id.ts';
import { mayNotify } from '../domain/roles.ts';
import { toldAt } from '../domain/told-at.ts';
import { CHAT } from '../manifest/limits.ts';
import type { Deps } from './deps.ts';
import { devicesOf, tellDevices } from './devices.ts';
import type { FanOutDeps } from './fan-out.ts';
import { invalidField } from './refusals.ts';

export interface NotifyInput {
  readonly caller: { readonly role?: string };
  /** Need not have connected yet: users of external issuers have no profile before that. */
  readonly userId: UserId;
  /** A JSON object of at most CHAT.notificationPayloadBytes; checked here, whatever door it came in. */
  readonly payload: unknown;
  readonly arrival: Arrival;
}

/**
 * Stores a notification and pushes it to all connections and sockets of its user. The same request handled twice is stored
 * once; whether whoever was first has pushed it is looked at later. Rejects with `forbidden` (roles other than admin and service), `invalid_field`.
 */
export async function notify(
  deps: FanOutDeps & Pick<Deps, 'notifications'>,
  { caller, userId, payload, arrival }: NotifyInput,
): Promise<Notification> {
  if (!mayNotify(caller.role))
    throw new CausewayError('forbidden', 'Only the roles admin and service may notify.');
  const checked = checkJsonObject(payload, CHAT.notificationPayloadBytes);
  if (!checked.ok) throw invalidField('payload', checked.error);
  const id = notificationId(arrival, userId);
  const notification: Notification = {
    id,
    userId,
    payload: checked.value,
    createdAt: arrival.at,
    ...toldAt(arrival),
  };
  const [outcome, devices] = await Promise.all([
    deps.notifications.add(notification),
    devicesOf(deps, userId, arrival.at),
  ]);
  if (outcome === 'exists') {
    await deps.postman?.lookAgain({ kind: 'notification', userId, id, at: arrival.handledAt ?? arrival.at });
    return notification;
  }
  const event = { kind: 'notification.created', notification } as const;
  await tellDevices(deps, devices, { event, at: arrival.at });
  // Connections may be told twice.
  if (devices.sockets.size > 0) await noteTold(deps, notification);
  return notification;
}

async function noteTold(
  { notifications, log }: Pick<Deps, 'notifications' | 'log'>,
  { userId, id }: Notification,
): Promise<void> {
  try {
    await notifications.told(userId, id);
  } catch (error) {
    log.warn('that a notification has been told was not noted', { notification: id, error });
  }
}
