import type { Socket } from 'socket.io';

import { limited } from '../../lambdas/app/rate-limit.ts';
import type { Arrival, Millis } from '../../lambdas/domain/entities.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import { isTokenExpired } from '../../lambdas/domain/token-expiry.ts';
import { CHAT_DIALECTS } from '../../lambdas/manifest/dialects.ts';
import { currentScope } from '../server/scope.ts';
import { act } from './act.ts';
import type { Host } from './deps.ts';
import { personOf, sidOf } from './person.ts';
import { logRefusal, tellable } from './refusals.ts';
import { choose, pinOf, tell } from './tell.ts';

/** One event of a client. */
interface Heard {
  readonly event: string;
  readonly args: readonly unknown[];
  readonly ack: ((answer: unknown) => void) | undefined;
}

/**
 * The listener to every event of a socket; what it returns is work of the run. Those of one run are handled one after
 * another, in the order the client sent them: what comes after a join is meant to come after it.
 */
export function hear(host: Host, socket: Socket): (name: unknown, ...given: unknown[]) => unknown {
  let last: Promise<void> = Promise.resolve();
  return (name, ...given) => {
    const final = given.at(-1);
    const ack = typeof final === 'function' ? (final as (answer: unknown) => void) : undefined;
    const args = ack === undefined ? given : given.slice(0, -1);
    // Parsers let numbers through.
    last = last.then(() => handle(host, socket, { event: String(name), args, ack }));
    return last;
  };
}

/** Never rejects: whatever a client sends, it gets an answer and the Server nothing. */
async function handle(host: Host, socket: Socket, heard: Heard): Promise<void> {
  if (!socket.connected) return;
  const { deps, nsp } = host;
  try {
    const arrival = arrivalOf(host);
    if (isTokenExpired(personOf(socket).tokenExpiresAt, arrival.at)) {
      heard.ack?.({ error: EXPIRED });
      expire(host, socket);
      return;
    }
    noteActivity(host, socket, arrival.at);
    const answer = await onAllowance(host, socket, {
      arrival,
      work: () => understand(host, socket, { heard, arrival }),
    });
    if (answer !== undefined) heard.ack?.({ ok: true, ...answer });
  } catch (error) {
    logRefusal(deps.log, error, { namespace: nsp, event: heard.event.slice(0, LOGGED_CHARS) });
    refuse(host, socket, { error, ack: heard.ack });
  }
}

/** Of the session, whatever its namespaces, and of the user, whatever the device. */
function onAllowance<T>(
  { deps }: Host,
  socket: Socket,
  { arrival: { at }, work }: { readonly arrival: Arrival; readonly work: () => Promise<T> },
): Promise<T> {
  if (deps.limits === undefined) return work();
  return limited(
    deps.limits.rates,
    { of: { socket: sidOf(socket), user: personOf(socket).userId }, at },
    work,
  );
}

/** Now and then, since it is a write of the session. */
function noteActivity({ deps: { limits } }: Host, socket: Socket, at: Millis): void {
  const person = personOf(socket);
  if (limits !== undefined && at - (person.activeAt ?? 0) > limits.idleMs / 10) person.activeAt = at;
}

const LOGGED_CHARS = 64;

async function understand(
  host: Host,
  socket: Socket,
  { heard: { event, args }, arrival }: { readonly heard: Heard; readonly arrival: Arrival },
): Promise<object | undefined> {
  const pin = pinOf(socket);
  const decoded = host.vocabulary.decode(event, args, pin);
  if (!decoded.ok) throw new CausewayError(decoded.error.code, decoded.error.message, decoded.error);
  const { intent, dialect, pin: settled } = decoded.value;
  const done = () => act(host, socket, { intent, dialect, arrival });
  return pin === undefined && settled !== undefined && isChoice(host)
    ? choose(socket, settled, done)
    : done();
}

/** Where there is one chat dialect only, nothing changes for a socket that settles on it. */
function isChoice({ dialects }: Host): boolean {
  return dialects.filter((id) => (CHAT_DIALECTS as readonly string[]).includes(id)).length > 1;
}

/** The packet's own, so that a frame that is handled twice stores one message. */
function arrivalOf({ deps }: Host): Arrival {
  const handledAt = deps.clock.now();
  const arrival = currentScope()?.arrival ?? { at: handledAt, requestId: globalThis.crypto.randomUUID() };
  const turn = currentScope()?.invocation.takeTurn();
  return { ...arrival, handledAt, ...(turn === undefined ? {} : { turn }) };
}

function refuse(
  host: Host,
  socket: Socket,
  { error, ack }: { readonly error: unknown; readonly ack: Heard['ack'] },
): void {
  const { code, message } = tellable(error);
  if (ack !== undefined) ack({ error: { code, message } });
  else raise(host, socket, { code, message });
}

const EXPIRED = tellable(new CausewayError('token_expired', 'Token expired'));

/** The token ran out while its bearer was connected. */
function expire(host: Host, socket: Socket): void {
  raise(host, socket, EXPIRED);
  socket.disconnect();
}

function raise(
  host: Host,
  socket: Socket,
  { code, message }: Pick<typeof EXPIRED, 'code' | 'message'>,
): void {
  const told = tell(host, socket, { kind: 'error.raised', error: { code, message } });
  if (!told) socket.volatile.emit('error', { message });
}
