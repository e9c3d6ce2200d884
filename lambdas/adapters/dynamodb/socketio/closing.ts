import type { Closed, EngineId, EngineSession } from '../../../ports/socketio.ts';
import { toExpiry, type Table } from '../table.ts';
import { createUpdateExpression } from './expression.ts';
import { requireOpen, sign, updateSession } from './session-row-calls.ts';
import { closedRecord, sessionOf, type SessionRow } from './session-rows.ts';

/**
 * AP-52: the row itself says what to clean up, to the first caller. An SDK retry of the first caller's write is the first
 * caller too, or nobody would run the disconnect listeners; the row it gets back has been closed by itself.
 */
export async function closeSession(
  table: Table,
  sid: EngineId,
  { keepUntil, ...closed }: Closed & { readonly keepUntil: number },
): Promise<EngineSession | undefined> {
  const update = createUpdateExpression();
  update.set(update.path('x'), update.value(closedRecord(closed)));
  update.set(update.path('expiresAt'), update.value(toExpiry(keepUntil)));
  requireOpen(update, table);
  update.unless(`${update.path('w')} = ${update.value(sign(update))}`);
  const before = await updateSession(table, sid, { ...update.build(), ReturnValues: 'ALL_OLD' });
  if (before === 'refused') return undefined;
  const { x: _ours, ...row } = before as SessionRow;
  return sessionOf(row);
}
