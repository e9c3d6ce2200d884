import { InDoubt } from '../domain/in-doubt.ts';
import type { Mailing, Postman } from '../ports/mail.ts';
import type { Log } from '../ports/runtime.ts';

interface HandingDeps {
  readonly postman: Postman;
  readonly log: Log;
}

/**
 * Hands a mailing to the function `fan-out`. `refused`: nobody carries it. `unknown`: it may be carried, so that a socket must
 * not be told here. Never rejects.
 */
export async function handOver(
  { postman, log }: HandingDeps,
  mailing: Mailing,
): Promise<'sent' | 'refused' | 'unknown'> {
  const { id, natives, sockets, late } = mailing;
  const fields = { mailing: id, late, natives: natives.length, sockets: sockets.length };
  try {
    await insist(postman, mailing);
    log.info('a mailing was handed over', fields);
    return 'sent';
  } catch (error) {
    log.warn('a mailing could not be handed over', { ...fields, error });
    return error instanceof InDoubt ? 'unknown' : 'refused';
  }
}

/** One that comes twice is known by its id, and carried once; only of fleeting ones nobody keeps count. */
async function insist(postman: Postman, mailing: Mailing): Promise<void> {
  try {
    await postman.send(mailing);
  } catch (error) {
    if (!(error instanceof InDoubt) || mailing.fleeting) throw error;
    await postman.send(mailing).catch((second: unknown) => {
      throw second instanceof InDoubt ? second : error;
    });
  }
}
