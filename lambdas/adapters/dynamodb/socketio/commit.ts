import { CausewayError } from '../../../domain/errors.ts';
import type {
  CommitOutcome,
  EngineId,
  EnginePacket,
  EngineSessionStore,
  SessionChanges,
} from '../../../ports/socketio.ts';
import { byNamespace, isEmpty, isFull, isTaken, isTooLarge } from '../../socketio/session-rules.ts';
import type { Table } from '../table.ts';
import { commitUpdates, type CommitPlan } from './commit-update.ts';
import { isItemTooLarge } from './item-size.ts';
import { liveRow, signature, updateSession } from './session-row-calls.ts';
import { sessionOf, type SessionRow } from './session-rows.ts';

/** Between the refused write and the read the session may change again. */
const ATTEMPTS = 4;

/** AP-50, and after a refusal AP-54 to learn why. */
export async function commit(table: Table, sid: EngineId, changes: SessionChanges): Promise<CommitOutcome> {
  let plan: CommitPlan = { changes: byNamespace(changes), packets: changes.packets ?? [] };
  if (isTooLarge(plan.changes, plan.packets)) return { outcome: 'full' };
  const name = signature();
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    if (isEmpty(plan.changes, plan.packets)) return done(plan);
    const answer = await write(table, sid, { plan, name });
    if (answer !== 'refused') return answer === 'full' ? { outcome: 'full' } : done(plan);
    const next = afterRefusal(plan, await liveRow(table, sid), name);
    if ('outcome' in next) return next;
    plan = next;
  }
  throw new CausewayError('unavailable', 'The service is busy; try again');
}

export async function enqueue(
  table: Table,
  sid: EngineId,
  packets: readonly EnginePacket[],
): ReturnType<EngineSessionStore['enqueue']> {
  const answer = await commit(table, sid, { packets });
  switch (answer.outcome) {
    case 'committed':
      return 'queued';
    case 'moved':
      return { connectionId: answer.connectionId };
    case 'full':
      return 'full';
    case 'closed':
    case 'conflict': // only a `connect` can conflict
      return 'gone';
  }
}

/** One UpdateItem; more only for more changes of rooms than one expression takes. */
async function write(
  table: Table,
  sid: EngineId,
  { plan, name }: { readonly plan: CommitPlan; readonly name: string },
): Promise<'written' | 'full' | 'refused'> {
  const [first, ...others] = commitUpdates(table, plan, name);
  try {
    if (first === undefined || (await updateSession(table, sid, first)) === 'refused') return 'refused';
    for (const update of others) await updateSession(table, sid, update);
    return 'written';
  } catch (error) {
    if (isItemTooLarge(error)) return 'full';
    throw error;
  }
}

function done({ movedTo }: CommitPlan): CommitOutcome {
  return movedTo === undefined ? { outcome: 'committed' } : { outcome: 'moved', connectionId: movedTo };
}

/** The answer, or what is left to be written. */
function afterRefusal(
  plan: CommitPlan,
  row: SessionRow | undefined,
  name: string,
): CommitOutcome | CommitPlan {
  // Our own write: its answer was lost, and the SDK repeated it.
  if (row?.w === name) return done(plan);
  if (row === undefined || row.x !== undefined) return { outcome: 'closed' };
  const seen = sessionOf(row);
  if (isTaken(seen, plan.changes)) return { outcome: 'conflict' };
  const moved = row.c !== undefined && plan.packets.length > 0;
  const packets = moved ? [] : plan.packets;
  if (isFull(seen, plan.changes, packets)) return { outcome: 'full' };
  // What concerns a socket that somebody else has taken out meanwhile comes too late and is dropped.
  const changes = plan.changes.filter(
    ({ nsp, connect, disconnected }) =>
      connect !== undefined || disconnected || seen.sockets[nsp] !== undefined,
  );
  return { ...plan, changes, packets, seen, ...(moved && { movedTo: row.c }) };
}
