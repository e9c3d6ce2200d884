import { randomBytes } from 'node:crypto';
import type { EngineId } from '../../../ports/socketio.ts';
import { key } from '../keys.ts';
import { getRow, type Read } from '../read.ts';
import { isLive, type Table } from '../table.ts';
import { updateRow, type RowUpdate } from '../write.ts';
import type { UpdateExpression } from './expression.ts';
import type { SessionRow } from './session-rows.ts';

/** A row that has expired is none. Closed sessions are kept for a while, so they are found. */
export async function liveRow(
  table: Table,
  sid: EngineId,
  read: Read = 'strong',
): Promise<SessionRow | undefined> {
  const row = await getRow<SessionRow>(table, key.engineSession(sid), read);
  return row !== undefined && isLive(row, table.now()) ? row : undefined;
}

export function updateSession(
  table: Table,
  sid: EngineId,
  update: RowUpdate,
): Promise<Partial<SessionRow> | 'refused'> {
  return updateRow<SessionRow>(table, key.engineSession(sid), update);
}

/** Every write asks this: it must neither bring an expired or swept row back nor change it. */
export function requireLive(update: UpdateExpression, table: Table): void {
  update.require(`${update.path('expiresAt')} > ${update.value(table.now() / 1_000)}`);
}

export function requireOpen(update: UpdateExpression, table: Table): void {
  requireLive(update, table);
  update.require(`attribute_not_exists(${update.path('x')})`);
}

export function requirePolling(update: UpdateExpression): void {
  update.require(`attribute_not_exists(${update.path('c')})`);
}

/**
 * Marks the row as written by this very call, so that the call knows its own row when its answer was lost and the SDK
 * repeated it (docs/data-model.md).
 */
export function sign(update: UpdateExpression, name: string = signature()): string {
  update.set(update.path('w'), update.value(name));
  return name;
}

export function signature(): string {
  return randomBytes(6).toString('base64url');
}
