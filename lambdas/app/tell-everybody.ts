import type { Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import { InDoubt } from '../domain/in-doubt.ts';
import type { ConnectionId } from '../domain/ids.ts';
import type { Gathering, Left } from '../ports/audience.ts';
import type { Mailing } from '../ports/mail.ts';
import { pushAll, type FanOutDeps, type FanOutSummary } from './fan-out.ts';
import { isFleeting, mailingOf } from './mailing.ts';
import type { Target } from './reap.ts';

export interface Everybody {
  readonly connections: readonly Target[];
  readonly sockets: Gathering;
}

export interface Saying {
  readonly event: DomainEvent;
  /** Who caused it and gets it as the answer: a connection, or the id of a socket. */
  readonly except?: ConnectionId;
  readonly at: Millis;
}

const NOBODY_LEFT: Left = { untold: [], doubtful: [] };
/** What comes back when the function `fan-out` tells them all. */
export const HANDED_OVER: FanOutSummary = {
  sent: 0,
  gone: 0,
  'too-large': 0,
  throttled: 0,
  failed: 0,
  unspoken: 0,
};

/**
 * Tells connections and sockets, each once. More than this invocation tells itself go to the function `fan-out`, and so do
 * those whom it could not tell, but for what nobody misses. What comes back is about the connections told here. Never rejects.
 */
export async function tellEverybody(
  deps: FanOutDeps,
  everybody: Everybody,
  saying: Saying,
): Promise<FanOutSummary> {
  const { connections, sockets } = everybody;
  const isCrowd = connections.length + sockets.size > (deps.postman?.direct ?? Infinity);
  if (isCrowd && (await handOver(deps, crowd(everybody, saying))) !== 'refused') return HANDED_OVER;
  const [{ summary, left }, heard] = await Promise.all([
    pushAll(deps, { ...saying, to: connections }),
    sockets.say(saying.event, saying.except),
  ]);
  await finishLater(deps, saying, { natives: left, ...(heard.left ?? NOBODY_LEFT) });
  return summary;
}

function crowd({ connections, sockets }: Everybody, saying: Saying): Mailing {
  const { event, except } = saying;
  const natives = connections.filter(({ connectionId }) => connectionId !== except);
  const of = { natives, sockets: sockets.hearers(event, except), doubtful: [] };
  return mailingOf(saying, { ...of, late: false });
}

async function finishLater(
  deps: FanOutDeps,
  saying: Saying,
  left: Left & { readonly natives: readonly Target[] },
): Promise<void> {
  const { natives, untold, doubtful } = left;
  if (natives.length + untold.length + doubtful.length === 0 || isFleeting(saying.event)) return;
  await handOver(deps, mailingOf(saying, { natives, sockets: untold, doubtful, late: true }));
}

/** `unknown`: it may be carried, so it must not be done here. */
async function handOver(
  { postman, log }: Pick<FanOutDeps, 'postman' | 'log'>,
  mailing: Mailing,
): Promise<'sent' | 'refused' | 'unknown'> {
  if (postman === undefined) return 'refused';
  const { id, natives, sockets, late } = mailing;
  const fields = { mailing: id, late, natives: natives.length, sockets: sockets.length };
  try {
    await postman.send(mailing);
    log.info('a mailing was handed over', fields);
    return 'sent';
  } catch (error) {
    log.error('a mailing could not be handed over', { ...fields, error });
    return error instanceof InDoubt ? 'unknown' : 'refused';
  }
}
