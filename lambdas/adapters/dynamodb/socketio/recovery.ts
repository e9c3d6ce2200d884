import type { EngineId, EngineSession, Namespace, StoredSocket } from '../../../ports/socketio.ts';
import { key } from '../keys.ts';
import { getRow } from '../read.ts';
import { isLive, toExpiry, type Expiring, type Table } from '../table.ts';
import { putRow } from '../write.ts';
import { createUpdateExpression } from './expression.ts';
import { requireLive, updateSession } from './session-row-calls.ts';
import { sessionOf, type SessionRow } from './session-rows.ts';

/** IOFWD#s / p */
interface ForwardRow extends Expiring {
  /** sid now. */
  readonly t: EngineId;
}

/** AP-53: the condition is the check of the secret, the old row the socket. */
export async function claim(
  table: Table,
  sid: EngineId,
  { nsp, pid }: { readonly nsp: Namespace; readonly pid: string },
): Promise<{ readonly socket: StoredSocket; readonly session: EngineSession } | undefined> {
  const update = createUpdateExpression();
  update.remove(update.path('s', nsp));
  requireLive(update, table);
  update.require(`${update.path('s', nsp, 'p')} = ${update.value(pid)}`);
  const before = await updateSession(table, sid, { ...update.build(), ReturnValues: 'ALL_OLD' });
  if (before === 'refused') return undefined;
  const session = sessionOf(before as SessionRow);
  const socket = session.sockets[nsp];
  return socket && { socket, session };
}

/** AP-82 */
export async function disown(table: Table, sid: EngineId, nsp: Namespace): Promise<boolean> {
  const update = createUpdateExpression();
  update.remove(update.path('s', nsp, 'p'));
  requireLive(update, table);
  update.require(`attribute_exists(${update.path('s', nsp)})`);
  return (await updateSession(table, sid, update.build())) !== 'refused';
}

/** AP-55 */
export async function forward(
  table: Table,
  { from, pid }: { readonly from: EngineId; readonly pid: string },
  { to, keepUntil }: { readonly to: EngineId; readonly keepUntil: number },
): Promise<void> {
  await putRow(table, { ...key.forward(from, pid), t: to, expiresAt: toExpiry(keepUntil) });
}

/** AP-56 */
export async function forwarded(
  table: Table,
  { from, pid }: { readonly from: EngineId; readonly pid: string },
): Promise<EngineId | undefined> {
  const row = await getRow<ForwardRow>(table, key.forward(from, pid), 'strong');
  return row !== undefined && isLive(row, table.now()) ? row.t : undefined;
}
