import { carryMailing, type MailDeps } from '../../app/carry-mailing.ts';
import { CausewayError } from '../../domain/errors.ts';
import { decodeMailing } from '../../wire/mailing.ts';

/** The part of Lambda's context that is used (AWS "Using the Lambda context object to retrieve Node.js function information"). */
export interface RunContext {
  getRemainingTimeInMillis(): number;
}

/**
 * Carries a mailing. Throws when it should come again: Lambda makes two more attempts, a minute and two minutes later, and
 * then puts the event where people look (lib/constructs/failed-events.ts).
 */
export async function serveMailing(deps: MailDeps, event: unknown, context: RunContext): Promise<void> {
  const until = deps.now() + context.getRemainingTimeInMillis();
  const mailing = decodeMailing(event);
  if (mailing === undefined) {
    deps.log.error('an event is no mailing');
    throw new CausewayError('internal', 'Not a mailing that this version of the function knows');
  }
  try {
    await carryMailing(deps, mailing, until);
  } catch (error) {
    deps.log.warn('a mailing was not carried', { mailing: mailing.id, error });
    throw error;
  }
}
