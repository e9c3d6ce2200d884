import { carryMailing } from '../../app/carry-mailing.ts';
import { tellAgain, type AgainDeps } from '../../app/tell-again.ts';
import { CausewayError } from '../../domain/errors.ts';
import type { LogFields } from '../../ports/runtime.ts';
import { decodeMailing, decodeRepeat } from '../../wire/mailing.ts';

/** The part of Lambda's context that is used (AWS "Using the Lambda context object to retrieve Node.js function information"). */
export interface RunContext {
  getRemainingTimeInMillis(): number;
}

/**
 * Carries a mailing, or looks whether what came twice has been told. Throws when it should come again: Lambda makes two more
 * attempts, a minute and two minutes later (which is what a look waits for), and then puts the event where people look
 * (lib/constructs/failed-events.ts).
 */
export async function serveMailing(deps: AgainDeps, event: unknown, context: RunContext): Promise<void> {
  const until = deps.now() + context.getRemainingTimeInMillis();
  const repeat = decodeRepeat(event);
  if (repeat !== undefined) return orAgain(deps, { kind: repeat.kind }, tellAgain(deps, repeat, until));
  const mailing = decodeMailing(event);
  if (mailing === undefined) {
    deps.log.error('an event is no mailing');
    throw new CausewayError('internal', 'Not a mailing that this version of the function knows');
  }
  return orAgain(deps, { mailing: mailing.id }, carryMailing(deps, mailing, until));
}

async function orAgain({ log }: Pick<AgainDeps, 'log'>, what: LogFields, work: Promise<void>): Promise<void> {
  try {
    await work;
  } catch (error) {
    log.warn('a mailing was not carried', { ...what, error });
    throw error;
  }
}
