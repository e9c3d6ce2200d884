import type { Millis } from '../../lambdas/domain/entities.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import { isTokenExpired } from '../../lambdas/domain/token-expiry.ts';
import type { EnginePacket, EngineSession, Namespace, StoredSocket } from '../../lambdas/ports/socketio.ts';
import { encodeEvents } from '../audience/packets.ts';
import type { Vocabulary } from '../dialects/vocabulary.ts';
import type { Dismiss } from '../engine/deps.ts';
import type { Person } from './person.ts';
import { tellable } from './refusals.ts';

/** Not to be recovered: a stock client stays away until it is told to connect (socket.io-client, `io server disconnect`). */
const REASON = 'server namespace disconnect';

/**
 * Sends sessions away whose sockets are all of chat and have done nothing for so long: as the documents have it, an error and
 * then the end. Heartbeats are no activity. Pure.
 */
export function dismissIdle(vocabularies: ReadonlyMap<Namespace, Vocabulary>, idleMs: Millis): Dismiss {
  return ({ sockets }, now) => {
    const last = lastActivity({ sockets });
    if (last === undefined || now - last < idleMs) return undefined;
    const packets = Object.keys(sockets).flatMap((nsp) => farewell(nsp, vocabularies.get(nsp), IDLE));
    return { reason: REASON, packets };
  };
}

/** Of all sockets together; undefined when there is none, or one of which it is not known: of the team's own code. */
function lastActivity({ sockets }: Pick<EngineSession, 'sockets'>): Millis | undefined {
  const known = Object.values(sockets).map(activityOf);
  return known.reduce(
    (last, at) => (last === undefined || at === undefined ? undefined : Math.max(last, at)),
    known[0],
  );
}

function activityOf({ data }: StoredSocket): Millis | undefined {
  const { activeAt } = JSON.parse(data) as Partial<Person>;
  return typeof activeAt === 'number' ? activeAt : undefined;
}

/** Sends sessions away all of whose sockets are of chat and came with a token that has run out since. As for events. Pure. */
export function dismissExpired(vocabularies: ReadonlyMap<Namespace, Vocabulary>): Dismiss {
  return ({ sockets }, now) => {
    const all = Object.values(sockets);
    if (all.length === 0 || !all.every((socket) => isExpired(socket, now))) return undefined;
    const packets = Object.keys(sockets).flatMap((nsp) => farewell(nsp, vocabularies.get(nsp), EXPIRED));
    return { reason: REASON, packets };
  };
}

function isExpired({ data }: StoredSocket, now: Millis): boolean {
  const { tokenExpiresAt } = JSON.parse(data) as Partial<Person>;
  return typeof tokenExpiresAt === 'number' && isTokenExpired(tokenExpiresAt, now);
}

const EXPIRED = new CausewayError('token_expired', 'Token expired');
const IDLE = new CausewayError('forbidden', 'Closed after a long time without activity.');

/** The error in the words of the namespace, and Socket.IO's DISCONNECT (protocol 5, "Disconnection from a namespace"). */
function farewell(
  nsp: Namespace,
  vocabulary: Vocabulary | undefined,
  error: CausewayError,
): readonly EnginePacket[] {
  const words = vocabulary?.say({ kind: 'error.raised', error: tellable(error) }) ?? [];
  return [...encodeEvents(nsp, words, undefined), nsp === '/' ? '41' : `41${nsp},`];
}
