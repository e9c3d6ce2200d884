import type { Millis } from '../../../domain/entities.ts';
import { toldEvent } from '../../../domain/told-event.ts';
import { HOLD } from '../../../manifest/limits.ts';
import type { EngineId, EnginePacket } from '../../../ports/socketio.ts';
import type { Table } from '../table.ts';
import { createUpdateExpression, type UpdateExpression } from './expression.ts';
import { isItemTooLarge } from './item-size.ts';
import { requireLive, requireOpen, updateSession } from './session-row-calls.ts';

/** AP-76 */
export async function hold(table: Table, sid: EngineId, until: Millis): Promise<void> {
  const update = createUpdateExpression();
  update.set(heldBy(update, until), update.value(true));
  requireOpen(update, table);
  await updateSession(table, sid, update.build());
}

/**
 * AP-77: also of a session that is closed, whose client asks for it when it is back. What had been told when the hold ended is
 * kept, too, and never taken: one write says of either whether it is to be sent.
 */
export async function defer(
  table: Table,
  sid: EngineId,
  { until, packets }: { readonly until: Millis; readonly packets: readonly EnginePacket[] },
): Promise<'deferred' | 'free'> {
  const update = createUpdateExpression();
  const kept = keptFor(update, until);
  update.set(kept, `list_append(if_not_exists(${kept}, ${update.value([])}), ${update.value(packets)})`);
  requireLive(update, table);
  update.require(heldOrTold(update, until, toldEvent(packets[0] ?? '')));
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
  { until, told = [] }: { readonly until: Millis; readonly told: readonly string[] | undefined },
): Promise<readonly EnginePacket[] | 'free'> {
  const ending = createUpdateExpression();
  ending.remove(heldBy(ending, until));
  if (told.length > 0) ending.set(toldBy(ending, until), ending.value(told));
  requireOpen(ending, table);
  ending.require(`attribute_not_exists(${keptFor(ending, until)})`);
  if ((await updateSession(table, sid, ending.build())) !== 'refused') return 'free';
  const taking = createUpdateExpression();
  taking.remove(keptFor(taking, until));
  requireOpen(taking, table);
  // After an ending whose answer was lost there may be what had been told.
  taking.require(`attribute_exists(${heldBy(taking, until)})`);
  const before = await updateSession(table, sid, { ...taking.build(), ReturnValues: 'ALL_OLD' });
  return before === 'refused' ? 'free' : (before[`k${until}`] ?? 'free');
}

function heldOrTold(update: UpdateExpression, until: Millis, event: string | undefined): string {
  const held = `attribute_exists(${heldBy(update, until)})`;
  return event === undefined ? held : `${held} OR contains(${toldBy(update, until)}, ${update.value(event)})`;
}

function heldBy(update: UpdateExpression, until: Millis): string {
  return update.path(`e${until}`);
}

function keptFor(update: UpdateExpression, until: Millis): string {
  return update.path(`k${until}`);
}

function toldBy(update: UpdateExpression, until: Millis): string {
  return update.path(`t${until}`);
}
