import type { Millis } from '../../../domain/entities.ts';
import type { Place } from '../../../ports/socketio.ts';
import { partition } from '../keys.ts';

/** Shard counts only grow, seldom, and whoever goes by an old one is still found: they may be remembered for long. */
const MINUTES = 5;
const ENTRIES = 10_000;

/** What one warm function instance remembers of how rooms are spread, so that adding a socket needs no read. */
export interface ShardMemo {
  shards(place: Place): number | undefined;
  remember(place: Place, shards: number): void;
}

export function createShardMemo(now: () => Millis): ShardMemo {
  const known = new Map<string, { readonly shards: number; readonly until: Millis }>();
  const recall = (place: Place): number | undefined => {
    const entry = known.get(partition.sockets(place, 0));
    return entry !== undefined && entry.until > now() ? entry.shards : undefined;
  };
  return {
    // No room has more shards than its namespace (sockets.ts), so nobody asks about rooms while that has one.
    shards: (place) => recall(place) ?? (recall({ nsp: place.nsp }) === 1 ? 1 : undefined),
    remember: (place, shards) => {
      const name = partition.sockets(place, 0);
      known.delete(name);
      known.set(name, { shards, until: now() + MINUTES * 60_000 });
      const [oldest] = known.keys();
      if (known.size > ENTRIES && oldest !== undefined) known.delete(oldest);
    },
  };
}
