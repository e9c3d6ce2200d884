import type { Emit, EmitSummary } from '../../../compat/audience/index.ts';
import type { FanOutDeps } from '../../app/fan-out.ts';
import type { Deps } from '../../app/deps.ts';
import { notify } from '../../app/notify.ts';
import { aliasedUser } from '../../domain/aliased-user.ts';
import { ERROR_RULES } from '../../domain/error-rules.ts';
import type { ErrorInfo } from '../../domain/errors.ts';
import { parseUserId, type NotificationId, type UserId } from '../../domain/ids.ts';
import type { Clock } from '../../ports/runtime.ts';
import { describeError, disclose } from '../../wire/json/disclosure.ts';
import { decodeNotice, isBusEvent, type Notice } from '../../wire/notice.ts';

export type NoticeDeps = FanOutDeps &
  Pick<Deps, 'notifications' | 'users'> & { readonly emit: Emit; readonly clock: Clock };

/** What the Emitter is told. */
export type NoticeAnswer =
  | { readonly notifications: readonly NotificationId[] }
  | { readonly sockets: EmitSummary }
  | { readonly error: ErrorInfo };

/** Whoever may invoke the function, or put events on the bus, was let in by IAM. */
const CALLER = { role: 'service' } as const;

/**
 * An event of EventBridge, which waits for no answer: it throws when another attempt may succeed, for Lambda makes two more,
 * and drops what never will. Or what the Emitter sent, which is told how it went. Once, however often it comes: notifications
 * are known by the id of their event.
 */
export async function serveNotice(deps: NoticeDeps, event: unknown): Promise<NoticeAnswer | undefined> {
  const isUnheard = isBusEvent(event);
  try {
    const decoded = decodeNotice(event, deps.clock.now());
    if (decoded.ok) return await perform(deps, decoded.value);
    deps.log.warn('an event was dropped', { code: decoded.error.code, field: decoded.error.field });
    return { error: disclose(decoded.error) };
  } catch (error) {
    const told = describeError(error);
    const { retryable, logLevel } = ERROR_RULES[told.code];
    const isLost = isUnheard && !retryable;
    deps.log[isLost && logLevel !== 'error' ? 'warn' : logLevel]('an event was not handled', {
      code: told.code,
      field: told.field,
      error,
    });
    if (isUnheard && (retryable || told.code === 'internal')) throw error;
    return { error: told };
  }
}

async function perform(deps: NoticeDeps, notice: Notice): Promise<NoticeAnswer> {
  if (notice.kind === 'emission') return { sockets: await deps.emit(notice.emission) };
  const { payload } = notice;
  // It may have waited in a queue: whoever heard of something meanwhile has not heard of this.
  const arrival = { ...notice.arrival, handledAt: deps.clock.now() };
  const userIds = await addressees(deps, notice.userIds);
  // All are waited for, also when one fails: what is left undone stands still with the instance.
  const stored = await Promise.allSettled(
    userIds.map((userId) => notify(deps, { caller: CALLER, userId, payload, arrival })),
  );
  const ids = stored.map((outcome) => {
    if (outcome.status === 'rejected') throw outcome.reason;
    return outcome.value.id;
  });
  return { notifications: ids };
}

/**
 * `user_<id>` is the other name of a user's own room. Ids of some issuers begin so themselves: whoever is called exactly so
 * is meant first, and also when nobody is known by either name, for users of external issuers are known once they connect.
 */
async function addressees(
  { users }: Pick<NoticeDeps, 'users'>,
  named: readonly UserId[],
): Promise<readonly UserId[]> {
  const aliases = new Map(
    named.flatMap((name) => {
      const alias = parseUserId(aliasedUser(name));
      return alias === undefined ? [] : [[name, alias] as const];
    }),
  );
  if (aliases.size === 0) return named;
  const known = await users.getMany([...new Set([...aliases.keys(), ...aliases.values()])]);
  const exists = new Set(known.map(({ id }) => id));
  const meant = named.map((name) => {
    const alias = aliases.get(name);
    return alias !== undefined && !exists.has(name) && exists.has(alias) ? alias : name;
  });
  return [...new Set(meant)];
}
