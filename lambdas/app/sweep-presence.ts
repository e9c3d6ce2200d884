import type { Millis } from '../domain/entities.ts';
import type { UserId } from '../domain/ids.ts';
import { FAN_OUT, SWEEP } from '../manifest/limits.ts';
import type { OnlineUser } from '../ports/presence.ts';
import { findLive, isStillLive, type Witness } from './find-live.ts';
import { mapBounded } from './map-bounded.ts';
import type { Round, SweepDeps } from './sweep-connections.ts';

/** What an instance found of a user when it looked last: then one read shows whether it still holds. */
interface Found {
  readonly mark: string;
  readonly witness: Witness;
}

export type PresenceSweep = (round: Pick<Round, 'ring' | 'now'>) => Promise<void>;

/**
 * Looks at everybody of a ring who is marked as online, and has that settled where it is not true or was not told to the end:
 * whatever was lost by a crash, a table left dirty, a message of the queue that failed too often. Tells nobody itself.
 */
export function createPresenceSweep(deps: SweepDeps): PresenceSweep {
  const memory = new Map<number, ReadonlyMap<UserId, Found>>();
  return async ({ ring, now }) => {
    const before = memory.get(ring);
    const found = new Map<UserId, Found>();
    for await (const page of deps.presence.online(ring)) {
      await mapBounded(page, FAN_OUT.concurrency, async (user) => {
        try {
          const witness = await check(deps, user, { known: before?.get(user.userId), now });
          if (witness !== undefined) found.set(user.userId, { mark: user.mark, witness });
        } catch (error) {
          deps.log.warn('a user who is online was not looked at', { userId: user.userId, error });
        }
      });
    }
    memory.set(ring, found);
  };
}

/** The live session of somebody who is rightly marked as online, and was told to be. */
async function check(
  deps: SweepDeps,
  user: OnlineUser,
  { known, now }: { readonly known: Found | undefined; readonly now: Millis },
): Promise<Witness | undefined> {
  const { userId } = user;
  if (known?.mark === user.mark && (await isStillLive(deps, userId, { witness: known.witness, at: now })))
    return known.witness;
  const presence = await deps.presence.get(userId);
  const witness = await findLive(deps, userId, now);
  if (witness !== undefined && presence?.stage === 'online') return witness;
  if (witness === undefined && (presence === undefined || presence.stage === 'offline')) {
    // Younger ones may be of somebody who is being marked now.
    if (now - user.since > SWEEP.strikeSeconds * 1000) await deps.presence.strike(user);
    return undefined;
  }
  await deps.later.schedule({ kind: 'presence.settle', userId, at: now }, 0);
  return undefined;
}
