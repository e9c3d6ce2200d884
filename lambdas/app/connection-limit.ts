import type { Millis } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { UserId } from '../domain/ids.ts';
import type { Namespace, SocketIndex } from '../ports/socketio.ts';
import type { SessionStore } from '../ports/stores.ts';
import { addressKey } from '../domain/address-key.ts';
import { besides, limited, type RateLimiter } from './rate-limit.ts';

export interface ConnectionLimitDeps {
  readonly rates: RateLimiter;
  readonly sessions: Pick<SessionStore, 'ofUser'>;
  readonly sockets: Pick<SocketIndex, 'list'>;
  /** Those whose sockets are in a room named as their user. */
  readonly namespaces: readonly Namespace[];
  /** Connections of one user at the same time. */
  readonly connectionsPerUser: number;
}

export interface Connecting {
  readonly userId: UserId;
  readonly at: Millis;
  /** A session that is not to be counted: the one that is connecting. */
  readonly except?: string;
}

/**
 * Lets somebody connect who has room for one more. Only of users who connected often lately the connections are counted, native
 * ones and Socket.IO sessions together: for all others this costs next to nothing, and no time. Rejects with `rate_limited`.
 */
export async function connectOneMore<T>(
  deps: ConnectionLimitDeps,
  connecting: Connecting,
  work: () => Promise<T>,
): Promise<T> {
  const { userId, at } = connecting;
  const outcome = await deps.rates.use({ of: { devices: userId }, at });
  if (outcome.ok) return besides(outcome.told, work);
  if ((await countConnections(deps, connecting)) < deps.connectionsPerUser) return work();
  const { retryAfterSeconds } = outcome;
  throw new CausewayError('rate_limited', 'Too many connections of this user.', { retryAfterSeconds });
}

/** What a connect has to pass. Rejects with `rate_limited`. */
export type ConnectGuard = <T>(
  who: { readonly userId: UserId; readonly address: string | undefined; readonly at: Millis },
  work: () => Promise<T>,
) => Promise<T>;

/** Of the address first: whoever knocks too often is not even counted. */
export function createConnectGuard(deps: ConnectionLimitDeps): ConnectGuard {
  return ({ userId, address, at }, work) =>
    limited(deps.rates, { of: { connects: addressKey(address) }, at }, () =>
      connectOneMore(deps, { userId, at }, work),
    );
}

async function countConnections(
  { sessions, sockets, namespaces }: ConnectionLimitDeps,
  { userId, at, except }: Connecting,
): Promise<number> {
  const [native, ...found] = await Promise.all([
    sessions.ofUser(userId, at),
    ...namespaces.map((nsp) => sockets.list({ nsp, room: userId }, at)),
  ]);
  const sids = new Set<string>(found.flatMap((entries) => entries.map(({ sid }) => sid)));
  if (except !== undefined) sids.delete(except);
  return native.length + sids.size;
}
