import type { Millis } from '../../../domain/entities.ts';
import { HOLD } from '../../../manifest/limits.ts';
import type { EngineId, EnginePacket } from '../../../ports/socketio.ts';
import type { Table } from '../table.ts';
import { createUpdateExpression, type UpdateExpression } from './expression.ts';
import { isItemTooLarge } from './item-size.ts';
import { requireOpen, updateSession } from './session-row-calls.ts';

/** AP-76 */
export async function hold(table: Table, sid: EngineId, until: Millis): Promise<void> {
  const update = createUpdateExpression();
  update.set(heldBy(update, until), update.value(true));
  requireOpen(update, table);
  await updateSession(table, sid, update.build());
}

/** AP-77 */
export async function defer(
  table: Table,
  sid: EngineId,
  { until, packets }: { readonly until: Millis; readonly packets: readonly EnginePacket[] },
): Promise<'deferred' | 'free'> {
  const update = createUpdateExpression();
  const kept = keptFor(update, until);
  update.set(kept, `list_append(if_not_exists(${kept}, ${update.value([])}), ${update.value(packets)})`);
  requireOpen(update, table);
  update.require(`attribute_exists(${heldBy(update, until)})`);
  update.require(`attribute_not_exists(${kept}) OR size(${kept}) < ${update.value(HOLD.packets)}`);
  try {
    return (await updateSession(table, sid, update.build())) === 'refused' ? 'free' : 'deferred';
  } catch (error) {
    if (isItemTooLarge(error)) return 'free';
    throw error;
  }
}

/** AP-78: one write when nothing was deferred, else another one that takes it. */
export async function release(
  table: Table,
  sid: EngineId,
  until: Millis,
): Promise<readonly EnginePacket[] | 'free'> {
  const ending = createUpdateExpression();
  ending.remove(heldBy(ending, until));
  requireOpen(ending, table);
  ending.require(`attribute_not_exists(${keptFor(ending, until)})`);
  if ((await updateSession(table, sid, ending.build())) !== 'refused') return 'free';
  const taking = createUpdateExpression();
  taking.remove(keptFor(taking, until));
  requireOpen(taking, table);
  const before = await updateSession(table, sid, { ...taking.build(), ReturnValues: 'ALL_OLD' });
  return before === 'refused' ? 'free' : (before[`k${until}`] ?? 'free');
}

function heldBy(update: UpdateExpression, until: Millis): string {
  return update.path(`e${until}`);
}

function keptFor(update: UpdateExpression, until: Millis): string {
  return update.path(`k${until}`);
}
