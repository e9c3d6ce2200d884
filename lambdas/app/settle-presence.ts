import type { Millis } from '../domain/entities.ts';
import type { UserId } from '../domain/ids.ts';
import { lookAgain, presenceStep, type PresenceStep } from '../domain/presence.ts';
import type { InspectableGateway } from '../ports/gateway.ts';
import type { Later } from '../ports/later.ts';
import type { Presence, PresenceStore } from '../ports/presence.ts';
import { announcePresence, type AnnounceDeps } from './announce-presence.ts';
import { findLive } from './find-live.ts';

export interface SettleDeps extends AnnounceDeps {
  readonly gateway: InspectableGateway;
  readonly presence: PresenceStore;
  readonly later: Later;
  readonly now: () => Millis;
}

export interface Settlement {
  readonly userId: UserId;
  /** When a session came or ended. */
  readonly at: Millis;
}

/** Somebody else was first; what they did shows when it is read again. */
const ATTEMPTS = 5;

/**
 * Compares what the others know of a user with the truth, and tells them if it differs. May be done at any time, by several at
 * once, again after a crash: the mark of what was told changes by comparison, stays `arriving` or `leaving` until all were told,
 * and only one tells at a time. Looks again later where the truth may not be known yet. Rejects with `unavailable`: to be repeated.
 */
export async function settlePresence(deps: SettleDeps, settlement: Settlement): Promise<void> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const presence = await deps.presence.get(settlement.userId);
    if (presence === undefined) return;
    // Read after the presence: a connect that these do not show yet has changed it, and nobody is told to be offline then.
    const live = await findLive(deps, settlement.userId, deps.now());
    const step = presenceStep(presence, live !== undefined, deps.now());
    const was = { presence, settlement };
    if (step.do !== 'tell') return putOff(deps, was, step);
    if ((await tell(deps, was, step.isOnline)) === 'told') return;
  }
  await deps.later.schedule({ kind: 'presence.settle', ...settlement }, 1);
}

interface Was {
  readonly presence: Presence;
  readonly settlement: Settlement;
}

async function tell(deps: SettleDeps, was: Was, isOnline: boolean): Promise<'told' | 'changed'> {
  const { presence } = was;
  const now = deps.now();
  // Told by halves: the same again.
  const lastSeenAt = (presence.stage === 'leaving' ? presence.lastSeenAt : undefined) ?? endOf(was);
  const telling = await deps.presence.turn(
    presence,
    isOnline ? { stage: 'arriving', at: now } : { stage: 'leaving', at: now, lastSeenAt },
  );
  if (telling === 'changed') return 'changed';
  const { userId, username } = presence;
  await announcePresence(deps, { userId, username, isOnline, at: isOnline ? now : lastSeenAt, now });
  await deps.presence.turn(telling, { stage: isOnline ? 'online' : 'offline', at: now });
  if (!isOnline) await putOff(deps, was, lookAgain(presence, deps.now()));
  return 'told';
}

async function putOff(deps: SettleDeps, was: Was, step: PresenceStep): Promise<void> {
  if (step.do !== 'wait') return;
  const { userId } = was.settlement;
  await deps.later.schedule({ kind: 'presence.settle', userId, at: endOf(was) }, step.seconds);
}

/** When the last session ended, as far as this is known: a connect shows that there was one. */
function endOf({ presence, settlement }: Was): Millis {
  return Math.max(settlement.at, presence.lastConnectAt ?? 0);
}
