import type { Millis } from '../../domain/entities.ts';
import type { Pace } from '../../app/pace.ts';
import { ringsDue, roundMs, sweepConnections, type SweepDeps } from '../../app/sweep-connections.ts';
import { createPresenceSweep } from '../../app/sweep-presence.ts';

const MINUTE_MS = 60_000;

export interface ConnectionSweepDeps extends SweepDeps {
  /** Waited for before a connection is closed. */
  readonly inTurn: Pace;
}

/**
 * The sweep of native connections and of those who are online; made once for an instance, which remembers what it found. Each is
 * looked at as often as the sessions of Socket.IO are, and at least every SWEEP.rings minutes.
 */
export function createConnectionSweep(
  deps: ConnectionSweepDeps,
  pingIntervalMs: Millis,
): () => Promise<void> {
  const period = Math.max(1, Math.floor(pingIntervalMs / MINUTE_MS));
  const sweepPresence = createPresenceSweep(deps);
  let last: number | undefined;
  return async () => {
    const now = deps.now();
    const minute = Math.floor(now / MINUTE_MS);
    const rings = ringsDue(minute, period, last);
    last = minute;
    const nextLookAt = now + roundMs(period);
    const swept = await Promise.allSettled(
      rings.flatMap((ring) => [
        sweepConnections(deps, { ring, now, nextLookAt, inTurn: deps.inTurn }),
        sweepPresence({ ring, now }),
      ]),
    );
    for (const { status, reason } of swept.map((each) => ({ reason: undefined, ...each })))
      if (status === 'rejected') deps.log.error('a sweep failed', { error: reason as unknown });
  };
}
