import { CausewayError } from '../domain/errors.ts';
import type { Millis } from '../domain/entities.ts';
import { FAN_OUT } from '../manifest/limits.ts';
import type { Mailing, NativeAddress, SocketAddress } from '../ports/mail.ts';
import { eventOf, type Addressee, type TellingDeps } from './addressee.ts';
import type { Deps } from './deps.ts';
import { telling } from './fan-out.ts';
import { hangUp } from './hang-up.ts';
import { mapBounded } from './map-bounded.ts';

export interface LateDeps extends TellingDeps, Pick<Deps, 'messages' | 'notifications'> {
  readonly now: () => Millis;
  readonly pause: (ms: Millis) => Promise<void>;
}

/** So that what was done can still be noted. */
const MARGIN_MS = 2_000;

/**
 * Tells those who could not be told in time. A native client drops what it knows, so it is posted to until that succeeds. A
 * socket first loses the right to recover, which would go by the last event its client got: then it is told, or, if it may
 * have been told already, cut. Whoever can't be told after the last of FAN_OUT.retryMs is cut, too.
 * Rejects with CausewayError('unavailable') when there is no time left.
 */
export async function tellLate(
  deps: LateDeps,
  mailing: Mailing,
  ...[addressees, until]: readonly [readonly Addressee[], Millis]
): Promise<void> {
  const tell = lateTelling(deps, mailing);
  let left = addressees;
  for (const wait of [0, ...FAN_OUT.retryMs]) {
    if (left.length === 0) return;
    if (wait > 0) await pauseWithin(deps, wait, until);
    left = await still(left, tell);
  }
  left = await still(left, (addressee) => giveUp(deps, addressee));
  if (left.length > 0) throw new CausewayError('unavailable', 'Not everybody could be told or cut');
}

type Step = (addressee: Addressee) => Promise<'done' | Addressee>;

/** Those for whom a step did not do. */
async function still(addressees: readonly Addressee[], step: Step): Promise<readonly Addressee[]> {
  const next = await mapBounded(addressees, FAN_OUT.concurrency, step);
  return next.filter((outcome) => outcome !== 'done');
}

async function pauseWithin(deps: LateDeps, wait: Millis, until: Millis): Promise<void> {
  if (deps.now() + wait + MARGIN_MS > until) throw new CausewayError('unavailable', 'No time left');
  await deps.pause(wait);
}

function lateTelling(deps: LateDeps, mailing: Mailing): Step {
  const tellSocket = deps.socketMail.telling(mailing.content);
  const noteLate = lateNoting(deps, mailing);
  return async (addressee) => {
    if ('native' in addressee) return tellNative(deps, mailing, addressee);
    const { socket, doubtful } = addressee;
    const where = await deps.socketMail.disown(socket);
    if (where === 'gone') return noteLate().then(() => 'done' as const);
    if (where === 'unknown') return addressee;
    if (doubtful || where === 'moved') return cut(deps, socket);
    const outcome = await tellSocket(socket);
    if (outcome === 'refused') return addressee;
    return outcome === 'unknown' ? { socket, doubtful: true } : 'done';
  };
}

/**
 * A client that is away and comes back is told by the last event it got what else it got. Of this one that would not be true: it
 * did not get it in time. One that is back already is in the index again.
 */
function lateNoting({ messages, notifications, now, log }: LateDeps, { content }: Mailing) {
  const event = eventOf(content);
  let noted: { readonly until: Millis; readonly done: Promise<void> } | undefined;
  return (): Promise<void> => {
    if (noted === undefined || noted.until < now()) {
      const until = now() + FAN_OUT.lateMs;
      noted = { until, done: note(until) };
    }
    return noted.done;
  };

  async function note(until: Millis): Promise<void> {
    try {
      if (event?.kind === 'message.created')
        await messages.late(event.message.roomId, event.message.id, until);
      if (event?.kind === 'notification.created')
        await notifications.late(event.notification.userId, event.notification.id, until);
    } catch (error) {
      log.warn('how late somebody is told was not noted', { event: event?.kind, error });
    }
  }
}

async function tellNative(
  deps: LateDeps,
  { content, at }: Mailing,
  addressee: Addressee & { readonly native: NativeAddress },
): Promise<'done' | Addressee> {
  const event = eventOf(content);
  if (event === undefined) return 'done';
  const tell = telling(deps, { event, at });
  const outcome = await tell(addressee.native);
  if (outcome === 'gone') return elsewhere(deps, addressee.native, tell);
  return outcome === 'throttled' || outcome === 'failed' ? addressee : 'done';
}

/** It may have come back since, and have asked for what came after the last that it had got. */
async function elsewhere(
  { sessions, now, log }: LateDeps,
  { userId, connectionId, ...found }: NativeAddress,
  tell: ReturnType<typeof telling>,
): Promise<'done'> {
  try {
    const open = await sessions.ofUser(userId, now());
    const others = open.filter(
      (session) =>
        session.connectionId !== connectionId &&
        (!('roomId' in found) || session.rooms.some(({ roomId }) => roomId === found.roomId)),
    );
    await Promise.all(others.map(tell));
  } catch (error) {
    log.warn('a connection that came back was not found', { connectionId, error });
  }
  return 'done';
}

async function giveUp(deps: LateDeps, addressee: Addressee): Promise<'done' | Addressee> {
  if ('native' in addressee) return (await hangUp(deps, addressee.native)) === 'done' ? 'done' : addressee;
  const where = await deps.socketMail.disown(addressee.socket);
  return where === 'unknown' ? addressee : cut(deps, addressee.socket);
}

async function cut({ socketMail }: LateDeps, socket: SocketAddress): Promise<'done' | Addressee> {
  return (await socketMail.cut(socket)) === 'cut' ? 'done' : { socket, doubtful: true };
}
