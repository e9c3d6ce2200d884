import { CausewayError } from '../../../domain/errors.ts';
import type { EngineId } from '../../../ports/socketio.ts';
import { assertPartialFits } from '../../socketio/session-rules.ts';
import type { Table } from '../table.ts';
import { createUpdateExpression } from './expression.ts';
import { isItemTooLarge } from './item-size.ts';
import { requireOpen, sign, updateSession } from './session-row-calls.ts';

/** AP-51. An SDK retry of our own write finds our own name in the row and is `stored` again. */
export async function setPartial(
  table: Table,
  sid: EngineId,
  { was, next }: { readonly was: readonly string[]; readonly next: readonly string[] },
): Promise<'stored' | 'changed'> {
  assertPartialFits(next);
  const update = createUpdateExpression();
  const partial = update.path('p');
  if (next.length === 0) update.remove(partial);
  else update.set(partial, update.value(JSON.stringify(next)));
  requireOpen(update, table);
  update.require(
    was.length === 0
      ? `attribute_not_exists(${partial})`
      : `${partial} = ${update.value(JSON.stringify(was))}`,
  );
  update.unless(`${update.path('w')} = ${update.value(sign(update))}`);
  try {
    return (await updateSession(table, sid, update.build())) === 'refused' ? 'changed' : 'stored';
  } catch (error) {
    if (!isItemTooLarge(error)) throw error;
    throw new CausewayError('too_large', 'Too many attachments are under way', { cause: error });
  }
}
