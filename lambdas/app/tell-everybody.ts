import type { Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import type { ConnectionId } from '../domain/ids.ts';
import { FAN_OUT } from '../manifest/limits.ts';
import type { Gathering, Left } from '../ports/audience.ts';
import type { Mailing } from '../ports/mail.ts';
import { hangUp } from './hang-up.ts';
import { handOver } from './hand-over.ts';
import { pushAll, type FanOutDeps, type FanOutSummary } from './fan-out.ts';
import { isFleeting, mailingOf } from './mailing.ts';
import { mapBounded } from './map-bounded.ts';
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
 * those whom it could not tell, but for what nobody misses; who can't be handed over either is cut. What comes back is about
 * the connections told here. Never rejects.
 */
export async function tellEverybody(
  deps: FanOutDeps,
  everybody: Everybody,
  saying: Saying,
): Promise<FanOutSummary> {
  const { connections, sockets } = everybody;
  const { postman, log } = deps;
  if (postman !== undefined && connections.length + sockets.size > postman.direct)
    if ((await handOver({ postman, log }, crowd(everybody, saying))) !== 'refused') return HANDED_OVER;
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
  const mailing = mailingOf(saying, { natives, sockets: untold, doubtful, late: true });
  const { postman, log } = deps;
  if (postman === undefined || (await handOver({ postman, log }, mailing)) === 'sent') return;
  // They come back, and are told what they missed.
  await Promise.all([
    mapBounded(natives, FAN_OUT.concurrency, (to) => hangUp(deps, to)),
    deps.audience.drop([...untold, ...doubtful]),
  ]);
}
