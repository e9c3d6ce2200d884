import { CausewayError } from '../domain/errors.ts';
import type { Millis } from '../domain/entities.ts';
import { FAN_OUT } from '../manifest/limits.ts';
import type { Mailing, MailStore } from '../ports/mail.ts';
import { addresseesOf, firstTelling, type Addressee } from './addressee.ts';
import { BagProgress } from './bag-progress.ts';
import { mapBounded } from './map-bounded.ts';
import { tellLate, type LateDeps } from './tell-late.ts';

export interface BagDeps extends LateDeps {
  readonly mail: MailStore;
  /** Of a run; nobody else's. */
  readonly name: () => string;
}

/** What clocks may differ by: a bag is taken over only when its invocation has certainly ended. */
const CLOCK_SKEW_MS = 2_000;

/**
 * Tells everybody in a bag, once. A second attempt begins behind those whom the first one told; who may or may not have been
 * told gets no second post but is cut, so that the client comes back and asks.
 * Rejects with CausewayError('unavailable') when it should be tried again.
 */
export async function carryBag(deps: BagDeps, mailing: Mailing, until: Millis): Promise<void> {
  const { id, at, fleeting } = mailing;
  const addressees = addresseesOf(mailing);
  if (fleeting) return tellSoonOrNever(deps, mailing, addressees);
  const run = deps.name();
  const taken = await deps.mail.take(id, { name: run, at: deps.now(), until: until + CLOCK_SKEW_MS });
  if (taken.outcome === 'done') return;
  // It may fail yet, and then this attempt is the one that finishes it.
  if (taken.outcome === 'busy') throw new CausewayError('unavailable', 'Another invocation carries this bag');
  const { from, to } = taken;
  const isSecond = to > 0;
  if (isSecond) deps.log.warn('a bag is carried on', { bag: id, from, to, size: addressees.length });
  const doubted = addressees.slice(from, to).map((addressee) => ({ ...addressee, doubtful: true }));
  const progress = new BagProgress(deps.mail, { bag: id, run, size: addressees.length, from, to });
  const left = await tellRest(deps, mailing, {
    addressees: addressees.slice(to),
    start: to,
    progress,
    late: isSecond || mailing.late,
  });
  await tellLate(deps, mailing, [...doubted, ...left], until);
  await deps.mail.finish(id, run, deps.now());
  const latencyMs = deps.now() - at;
  deps.log.info('a bag was carried', { bag: id, size: addressees.length, left: left.length, latencyMs });
}

interface Rest {
  readonly addressees: readonly Addressee[];
  /** Index of the first in the bag. */
  readonly start: number;
  readonly progress: BagProgress;
  readonly late: boolean;
}

/** Tells each for the first time; those who are left, or come too late for that. */
async function tellRest(
  deps: BagDeps,
  mailing: Mailing,
  { addressees, start, progress, late }: Rest,
): Promise<readonly Addressee[]> {
  const tell = firstTelling(deps, mailing);
  const left: Addressee[] = [];
  const inTime = () => !late && deps.now() - mailing.at <= FAN_OUT.lateMs;
  async function done(addressee: Addressee, index: number): Promise<void> {
    // The post itself may have taken long.
    if (!inTime() && 'socket' in addressee) await deps.socketMail.disown(addressee.socket);
    progress.done(index);
  }
  const numbered = addressees.map((addressee, n) => ({ addressee, index: start + n }));
  await mapBounded(numbered, FAN_OUT.concurrency, async ({ addressee, index }) => {
    await progress.allow(index);
    const next = inTime() ? await tell(addressee) : addressee;
    if (next !== 'done') left.push(next);
    else await done(addressee, index);
  });
  return left;
}

async function tellSoonOrNever(
  deps: BagDeps,
  mailing: Mailing,
  addressees: readonly Addressee[],
): Promise<void> {
  if (deps.now() - mailing.at > FAN_OUT.fleetingMs) return;
  const tell = firstTelling(deps, mailing);
  await mapBounded(addressees, FAN_OUT.concurrency, (addressee) => tell(addressee));
}
