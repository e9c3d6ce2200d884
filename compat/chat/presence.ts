import type { Socket } from 'socket.io';

import type { Millis } from '../../lambdas/domain/entities.ts';
import type { UserId } from '../../lambdas/domain/ids.ts';
import { PRESENCE } from '../../lambdas/manifest/limits.ts';
import type { ChatDeps } from './deps.ts';
import { personOf } from './person.ts';

/** For a session that came: its run needs a moment to store it. Seconds, as `later` counts. */
const STORED_SECONDS = 1;

/** Has somebody tell the others that a user is online, once the session is stored. Never rejects: it is in, whoever knows. */
export async function expectOnline(deps: ChatDeps, socket: Socket): Promise<void> {
  await settleLater(deps, socket, STORED_SECONDS);
}

/**
 * Has somebody look whether a user is offline, once there was time to come back: without asking who else is there, so that
 * it does not matter which of several tabs closes last. Never rejects: the sweep finds who is marked as online and is not.
 */
export async function expectOffline(deps: ChatDeps, socket: Socket): Promise<void> {
  // A client that is in several namespaces leaves them at once.
  const { userId } = personOf(socket);
  const expected = departures.get(socket.conn) ?? new Set();
  if (expected.has(userId)) return;
  departures.set(socket.conn, expected.add(userId));
  await settleLater(deps, socket, PRESENCE.graceSeconds);
}

/** By session as this invocation serves it. */
const departures = new WeakMap<object, Set<UserId>>();

async function settleLater({ later, clock, log }: ChatDeps, socket: Socket, seconds: number): Promise<void> {
  const { userId } = personOf(socket);
  try {
    await later.schedule({ kind: 'presence.settle', userId, at: clock.now() }, seconds);
  } catch (error) {
    log.warn('presence was not settled', { error });
  }
}

/** Whether somebody who came back after `lostAt` may have been told to be offline, or be about to. */
export function mayBeOffline(lostAt: Millis, now: Millis): boolean {
  // Half of the grace, for the session to be stored before anybody looks.
  return now - lostAt >= (PRESENCE.graceSeconds * 1000) / 2;
}
