import type { Millis, Session } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { ConnectionId, UserId } from '../domain/ids.ts';
import type { Gathering } from '../ports/audience.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { tellEverybody } from './tell-everybody.ts';

/** Everything a user is connected with now. */
export interface Devices {
  readonly connections: readonly Session[];
  readonly sockets: Gathering;
}

/** One round of calls. */
export async function devicesOf(
  deps: Pick<Deps, 'sessions' | 'audience'>,
  userId: UserId,
  at: Millis,
): Promise<Devices> {
  const [connections, sockets] = await Promise.all([
    deps.sessions.ofUser(userId, at),
    deps.audience.ofUser(userId, at),
  ]);
  return { connections, sockets };
}

/** Never rejects. `except`: the connection, or socket by its id, that gets the event as its answer. */
export async function tellDevices(
  deps: FanOutDeps,
  devices: Devices,
  push: { readonly event: DomainEvent; readonly at: Millis; readonly except?: ConnectionId },
): Promise<void> {
  await tellEverybody(deps, devices, push);
}
