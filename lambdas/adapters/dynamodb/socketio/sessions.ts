import type { ConnectionId } from '../../../domain/ids.ts';
import type { EngineId, EngineSession, EngineSessionStore } from '../../../ports/socketio.ts';
import { inChunks } from '../in-chunks.ts';
import { partition, type Key } from '../keys.ts';
import { queryPages } from '../read.ts';
import { isLive, toExpiry, type Table } from '../table.ts';
import { deleteRow, putRow } from '../write.ts';
import { closeSession } from './closing.ts';
import { createUpdateExpression } from './expression.ts';
import { hold, release } from './holding.ts';
import { setPartial } from './partial.ts';
import { drain, lease } from './polls.ts';
import { createReachedSessions } from './reached-sessions.ts';
import { claim, forward, forwarded } from './recovery.ts';
import { liveRow, requireOpen, requirePolling, updateSession } from './session-row-calls.ts';
import { sessionOf, sessionRow, type SessionRow } from './session-rows.ts';

/** To an instance whose clock is late a row may live that has expired to this one. */
const CLOCK_SKEW_MS = 60_000;
/** So that a sweep ends in time; the rest is removed when the ring is read next. */
const REMOVED_AT_ONCE = 2_500;

export function createEngineSessionStore(table: Table): EngineSessionStore {
  return {
    ...createReachedSessions(table),
    open: (session, expiresAt) => putRow(table, sessionRow(session, expiresAt)), // AP-43
    probe: (sid, probing) => probe(table, sid, probing),
    upgrade: (sid, connectionId, expiresAt) => upgrade(table, sid, { connectionId, expiresAt }),
    pong: (sid, at) => pong(table, sid, at),
    lease: (sid, poll, now) => lease(table, sid, { ...poll, now }),
    drain: (sid, poll) => drain(table, sid, poll),
    hold: (sid, until) => hold(table, sid, until),
    release: (sid, until, told) => release(table, sid, { until, told }),
    setPartial: (sid, was, next) => setPartial(table, sid, { was, next }),
    close: (sid, closed, keepUntil) => closeSession(table, sid, { ...closed, keepUntil }),
    claim: (sid, nsp, pid) => claim(table, sid, { nsp, pid }),
    forward: (from, pid, ...[to, keepUntil]) => forward(table, { from, pid }, { to, keepUntil }),
    forwarded: (from, pid) => forwarded(table, { from, pid }),
    ring: (ring, at) => sessionsOfRing(table, ring, at),
  };
}

/** AP-45; AP-54 tells why, after a refusal. */
async function probe(
  table: Table,
  sid: EngineId,
  probing: { readonly connectionId: ConnectionId; readonly at: number },
): Promise<'probing' | 'unknown' | 'upgraded'> {
  const update = createUpdateExpression();
  update.set(update.path('q'), update.value({ c: probing.connectionId, a: probing.at }));
  requireOpen(update, table);
  requirePolling(update);
  if ((await updateSession(table, sid, update.build())) !== 'refused') return 'probing';
  const row = await liveRow(table, sid);
  return row?.c === undefined || row.x !== undefined ? 'unknown' : 'upgraded';
}

/** AP-46. The old row tells what waited in the outbox. */
async function upgrade(
  table: Table,
  sid: EngineId,
  to: { readonly connectionId: ConnectionId; readonly expiresAt: number },
): Promise<EngineSession | 'refused'> {
  const update = createUpdateExpression();
  const connectionId = update.value(to.connectionId);
  update.set(update.path('c'), connectionId);
  update.set(update.path('expiresAt'), update.value(toExpiry(to.expiresAt)));
  for (const attribute of ['q', 'l', 'g', 'o', 'z']) update.remove(update.path(attribute));
  requireOpen(update, table);
  requirePolling(update);
  update.require(`${update.path('q', 'c')} = ${connectionId}`);
  const before = await updateSession(table, sid, { ...update.build(), ReturnValues: 'ALL_OLD' });
  return before === 'refused' ? 'refused' : sessionOf(before as SessionRow);
}

/** AP-47. Pongs may overtake one another; the latest counts. */
async function pong(table: Table, sid: EngineId, at: number): Promise<EngineSession | undefined> {
  const update = createUpdateExpression();
  update.set(update.path('n'), update.value(at));
  requireOpen(update, table);
  update.require(`${update.path('n')} < ${update.value(at)}`);
  const now = await updateSession(table, sid, { ...update.build(), ReturnValues: 'ALL_NEW' });
  return now === 'refused' ? undefined : sessionOf(now as SessionRow);
}

/**
 * AP-57. Expired rows cost every later Query of their ring until DynamoDB removes them, up to two days: far more than
 * removing them now does (AP-68).
 */
async function* sessionsOfRing(
  table: Table,
  ring: string,
  at: number,
): AsyncGenerator<readonly EngineSession[]> {
  const pages = queryPages(table, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': partition.ring(ring) },
  });
  const old: Key[] = [];
  for await (const page of pages) {
    const rows = page.rows as readonly SessionRow[];
    const live = rows.filter((row) => isLive(row, at));
    if (live.length > 0) yield live.map(sessionOf);
    const expired = rows.filter((row) => !isLive(row, at - CLOCK_SKEW_MS));
    old.push(...expired.slice(0, REMOVED_AT_ONCE - old.length));
  }
  // What fails is tried again when the ring is read next.
  await inChunks(old, ({ pk, sk }) => deleteRow(table, { pk, sk })).catch(() => {});
}
