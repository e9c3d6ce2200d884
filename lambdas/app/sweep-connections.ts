import { isClosing } from '../domain/closing-time.ts';
import type { Millis } from '../domain/entities.ts';
import { FAN_OUT, HANDSHAKE, SWEEP } from '../manifest/limits.ts';
import type { InspectableGateway } from '../ports/gateway.ts';
import type { Later } from '../ports/later.ts';
import type { PresenceStore } from '../ports/presence.ts';
import type { WatchedConnection } from '../ports/stores.ts';
import { endSession } from './close-session.ts';
import type { Deps } from './deps.ts';
import { mapBounded } from './map-bounded.ts';
import type { Pace } from './pace.ts';

const MINUTE_MS = 60_000;

export interface SweepDeps extends Pick<Deps, 'sessions' | 'members' | 'audience' | 'log'> {
  readonly gateway: InspectableGateway;
  readonly presence: PresenceStore;
  readonly later: Later;
  readonly now: () => Millis;
}

/** What one sweep is about: a ring, and when it is looked at again. */
export interface Round {
  readonly ring: number;
  readonly now: Millis;
  readonly nextLookAt: Millis;
  /** Waited for before a connection is closed. */
  readonly inTurn: Pace;
}

/**
 * Looks at the native connections of a ring: ends the sessions of those API Gateway does not know any more (its `$disconnect` is
 * best effort), closes those that are near its two hours, and sees that whoever came a while ago is marked as online.
 */
export async function sweepConnections(deps: SweepDeps, round: Round): Promise<void> {
  for await (const page of deps.sessions.watched(round.ring)) {
    await mapBounded(page, FAN_OUT.concurrency, async (connection) => {
      try {
        await lookAfter(deps, connection, round);
      } catch (error) {
        deps.log.warn('a connection was not looked after', { connectionId: connection.connectionId, error });
      }
    });
  }
}

async function lookAfter(deps: SweepDeps, connection: WatchedConnection, round: Round): Promise<void> {
  const { connectionId, userId, connectedAt } = connection;
  const { now, nextLookAt } = round;
  // API Gateway does not know it before its handshake is over.
  if (now < connectedAt + HANDSHAKE.graceSeconds * 1000) return;
  const address = { connectionId, dialect: 'native' } as const;
  const seen = await deps.gateway.look(address);
  if (seen === 'gone') return endSession(deps, connection, now);
  // `$disconnect` does the rest, or the next look.
  if (isClosing({ id: connectionId, openedAt: connectedAt }, nextLookAt)) {
    await round.inTurn();
    return deps.gateway.close(address);
  }
  // Twice: one look may be too soon after the connect.
  if (now - connectedAt < 2 * (nextLookAt - now)) await expectOnline(deps, userId, now);
}

/** For whoever's coming nobody was told of, because what was put off then was lost. */
async function expectOnline(
  deps: Pick<SweepDeps, 'presence' | 'later'>,
  userId: WatchedConnection['userId'],
  at: Millis,
): Promise<void> {
  const presence = await deps.presence.get(userId);
  if (presence?.stage === 'offline') await deps.later.schedule({ kind: 'presence.settle', userId, at }, 0);
}

/**
 * Which rings are due: each at least every `periodMinutes`, at most SWEEP.rings. `last`: the minute that was served before; one
 * that was left out is made up for.
 */
export function ringsDue(minute: number, periodMinutes: number, last?: number): readonly number[] {
  const period = Math.min(periodMinutes, SWEEP.rings);
  const from = Math.max(last === undefined ? minute : last + 1, minute - period + 1);
  const minutes = Array.from(
    { length: Math.max(0, minute - from + 1) },
    (_, index) => (from + index) % period,
  );
  const rings = Array.from({ length: SWEEP.rings }, (_, ring) => ring);
  return rings.filter((ring) => minutes.includes(ring % period));
}

/** How long until a ring is looked at again. */
export function roundMs(periodMinutes: number): Millis {
  return Math.min(periodMinutes, SWEEP.rings) * MINUTE_MS;
}
