import type { EngineSessionStore } from '../../../ports/socketio.ts';
import type { Table } from '../table.ts';
import { commit, enqueue } from './commit.ts';
import { defer } from './holding.ts';
import { disown } from './recovery.ts';
import { liveRow } from './session-row-calls.ts';
import { sessionOf } from './session-rows.ts';

/** What a function needs of sessions that only tells them something: the rest would make its bundle larger. */
type ReachedSessions = Pick<EngineSessionStore, 'get' | 'commit' | 'enqueue' | 'defer' | 'disown'>;

export function createReachedSessions(table: Table): ReachedSessions {
  return {
    // AP-44
    get: async (sid, read) => {
      const row = await liveRow(table, sid, read);
      return row && sessionOf(row);
    },
    commit: (sid, changes) => commit(table, sid, changes),
    enqueue: (sid, packets) => enqueue(table, sid, packets),
    defer: (sid, until, packets) => defer(table, sid, { until, packets }),
    disown: (sid, nsp) => disown(table, sid, nsp),
  };
}
