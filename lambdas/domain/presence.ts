/** Whether somebody is to be told that a user has come or gone. Pure; app/settle-presence.ts does what it says. */
import { PRESENCE } from '../manifest/limits.ts';
import type { Millis } from './entities.ts';

/**
 * What the others were told, or are being told, of a user. `arriving` and `leaving`: somebody has begun to tell it and has not
 * come to the end; whoever finds it so for long may begin again.
 */
export type PresenceStage = 'offline' | 'arriving' | 'online' | 'leaving';

/** The part of ports/presence.ts that decides. */
export interface PresenceNow {
  readonly stage: PresenceStage;
  readonly since: Millis;
  readonly lastConnectAt?: Millis;
}

export type PresenceStep =
  | { readonly do: 'nothing' }
  /** To look again after so many seconds, one or more. */
  | { readonly do: 'wait'; readonly seconds: number }
  | { readonly do: 'tell'; readonly isOnline: boolean };

/** What to do about a user who has (or has not) a live session now. The sessions MUST have been read after the presence. */
export function presenceStep(presence: PresenceNow, isLive: boolean, now: Millis): PresenceStep {
  const { stage } = presence;
  if (isBeingTold(presence, now)) {
    // Two who tell at once may be heard in either order: the other goes first.
    return isLive === (stage === 'arriving') ? NOTHING : { do: 'wait', seconds: PRESENCE.busySeconds };
  }
  if (isLive) return stage === 'online' ? NOTHING : { do: 'tell', isOnline: true };
  const connectedFor = sinceConnect(presence, now);
  if (stage === 'offline') return awaitConnect(connectedFor);
  // A connect whose session is not stored yet, or a page that is loaded anew.
  const grace = PRESENCE.graceSeconds * 1000;
  return connectedFor < grace ? waitFor(grace - connectedFor) : { do: 'tell', isOnline: false };
}

/** After somebody was found to be offline, or told so: for a connect whose session may not be stored yet. */
export function lookAgain(presence: PresenceNow, now: Millis): PresenceStep {
  const left = PRESENCE.connectSeconds * 1000 - sinceConnect(presence, now);
  return left > 0 ? waitFor(left) : NOTHING;
}

const NOTHING = { do: 'nothing' } as const;

/** Whoever began so long ago has died of it. */
function isBeingTold({ stage, since }: PresenceNow, now: Millis): boolean {
  return (stage === 'arriving' || stage === 'leaving') && now - since < PRESENCE.tellingSeconds * 1000;
}

/** Often at first, since somebody may be waiting to be seen. */
function awaitConnect(connectedFor: Millis): PresenceStep {
  const left = PRESENCE.connectSeconds * 1000 - connectedFor;
  if (left <= 0) return NOTHING;
  return connectedFor < PRESENCE.graceSeconds * 1000 ? waitFor(connectedFor / 2) : waitFor(left);
}

function waitFor(ms: Millis): PresenceStep {
  return { do: 'wait', seconds: Math.max(1, Math.ceil(ms / 1000)) };
}

/** Clocks differ: an instant to come is now. */
function sinceConnect({ lastConnectAt = -Infinity }: PresenceNow, now: Millis): Millis {
  return Math.max(0, now - lastConnectAt);
}
