import { CausewayError } from '../domain/errors.ts';
import type { Millis } from '../domain/entities.ts';
import { FAN_OUT } from '../manifest/limits.ts';
import type { Mailing } from '../ports/mail.ts';
import { eventOf } from './addressee.ts';
import { carryBag, type BagDeps } from './carry-bag.ts';
import { partOf, sizeOf } from './mailing.ts';
import { mapBounded } from './map-bounded.ts';

export interface MailDeps extends BagDeps {
  /** Has a bag carried by another invocation. */
  readonly dispatch: (bag: Mailing) => Promise<void>;
}

/**
 * Carries a mailing: one bag at once, of more each by an invocation of its own. To be repeated as it is when it rejects, or
 * when its invocation ends before it does (`until`): whoever has been told is not told again.
 * Rejects with CausewayError('unavailable').
 */
export async function carryMailing(deps: MailDeps, mailing: Mailing, until: Millis): Promise<void> {
  await noteSkew(deps, mailing);
  const bags = bagsOf(mailing);
  if (bags.length === 1) return carryBag(deps, mailing, until);
  deps.log.info('a mailing goes in bags', { mailing: mailing.id, bags: bags.length });
  const failures: unknown[] = [];
  await mapBounded(bags, FAN_OUT.concurrency, (bag) =>
    deps.dispatch(bag).catch((cause: unknown) => void failures.push(cause)),
  );
  // The bags that left are known when they come again.
  if (failures.length > 0)
    throw new CausewayError('unavailable', 'Not all bags have left', { cause: failures[0] });
}

/** Says, before anybody has got it, when the last will have: who comes back is told by that what it got. */
async function noteSkew({ messages, log }: MailDeps, { content, at, late, isBag }: Mailing): Promise<void> {
  const event = eventOf(content);
  if (event?.kind !== 'message.created' || late || isBag === true) return;
  const { roomId, id } = event.message;
  try {
    await messages.late(roomId, id, at + FAN_OUT.lateMs);
  } catch (error) {
    log.warn('how late a message is told was not noted', { roomId, messageId: id, error });
  }
}

function bagsOf(mailing: Mailing): readonly Mailing[] {
  const count = Math.max(1, Math.ceil(sizeOf(mailing) / FAN_OUT.bag));
  if (count === 1) return [mailing];
  return Array.from({ length: count }, (_, bag) => ({
    ...partOf(mailing, bag * FAN_OUT.bag, (bag + 1) * FAN_OUT.bag),
    id: `${mailing.id}-${bag}`,
    isBag: true,
  }));
}
