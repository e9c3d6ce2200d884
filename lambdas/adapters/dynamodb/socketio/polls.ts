import type { EngineId, EnginePacket, EngineSessionStore } from '../../../ports/socketio.ts';
import { isLeased, outboxBytes } from '../../socketio/session-rules.ts';
import type { Table } from '../table.ts';
import { createUpdateExpression } from './expression.ts';
import { liveRow, requireLive, requireOpen, requirePolling, updateSession } from './session-row-calls.ts';
import { sessionOf } from './session-rows.ts';

/** Between the refused write and the read the other poll may end. */
const ATTEMPTS = 3;
/** Places of the list named in one expression, far below the 300 operators of one (AWS "API_UpdateItem"). */
const DRAIN_MAX = 100;

/** AP-48; AP-54 tells why, after a refusal. */
export async function lease(
  table: Table,
  sid: EngineId,
  poll: { readonly token: string; readonly until: number; readonly now: number },
): Promise<'leased' | 'busy' | 'closed'> {
  const update = createUpdateExpression();
  const [token, lease] = [update.value(poll.token), update.path('l')];
  update.set(lease, update.value({ k: poll.token, u: poll.until }));
  requireOpen(update, table);
  requirePolling(update);
  update.require(
    `attribute_not_exists(${lease}) OR ${update.path('l', 'u')} <= ${update.value(poll.now)} OR ${update.path('l', 'k')} = ${token}`,
  );
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if ((await updateSession(table, sid, update.build())) !== 'refused') return 'leased';
    const row = await liveRow(table, sid);
    if (row === undefined || row.x !== undefined || row.c !== undefined) return 'closed';
    if (isLeased(sessionOf(row), poll.token, poll.now)) return 'busy';
  }
  return 'busy';
}

/**
 * AP-49: one write takes the first packets off the list, and the old row tells which they were. They are named last to
 * first: DynamoDB means places of the old list, dynalite moves the list up after each.
 */
export async function drain(
  table: Table,
  sid: EngineId,
  poll: Parameters<EngineSessionStore['drain']>[1],
): Promise<readonly EnginePacket[] | 'lost'> {
  const max = Math.min(poll.max, DRAIN_MAX);
  const update = createUpdateExpression();
  update.remove(update.path('l'));
  for (let place = max - 1; place >= 0; place -= 1) update.remove(update.path('o', place));
  if (max > 0) update.remove(update.path('z'));
  if (poll.pingedAt !== undefined) update.set(update.path('g'), update.value(poll.pingedAt));
  requireLive(update, table);
  requirePolling(update);
  update.require(
    poll.token === undefined
      ? `attribute_not_exists(${update.path('l')}) OR ${update.path('l', 'u')} <= ${update.value(table.now())}`
      : `${update.path('l', 'k')} = ${update.value(poll.token)}`,
  );
  const before = await updateSession(table, sid, { ...update.build(), ReturnValues: 'ALL_OLD' });
  if (before === 'refused') return 'lost';
  const outbox = before.o ?? [];
  if (max > 0 && outbox.length > max) await countAgain(table, sid, outbox.slice(max));
  return outbox.slice(0, max);
}

/** AP-49 once more, only when packets stayed behind: the count of the outbox's bytes began anew. */
async function countAgain(table: Table, sid: EngineId, rest: readonly EnginePacket[]): Promise<void> {
  const update = createUpdateExpression();
  update.add(update.path('z'), outboxBytes(rest));
  requireLive(update, table);
  requirePolling(update);
  await updateSession(table, sid, update.build());
}
