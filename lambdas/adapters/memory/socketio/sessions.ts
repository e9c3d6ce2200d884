import type { Millis } from '../../../domain/entities.ts';
import { toldEvent } from '../../../domain/told-event.ts';
import { HOLD } from '../../../manifest/limits.ts';
import type { EngineId, EnginePacket, EngineSession, EngineSessionStore } from '../../../ports/socketio.ts';
import { assertPartialFits, byNamespace, isEmpty, isLeased } from '../../socketio/session-rules.ts';
import { isLive, partition } from '../state.ts';
import { applyChanges } from './session-changes.ts';
import type { SocketIoState } from './state.ts';

export function createEngineSessionStore(state: SocketIoState, now: () => Millis): EngineSessionStore {
  const rows = sessionRows(state, now);
  return {
    async open(session, expiresAt) {
      state.sessions.set(session.sid, { value: structuredClone(session), expiresAt });
    },
    async get(sid) {
      return rows.get(sid);
    },
    ...connectionCalls(rows),
    ...pollCalls(rows, now),
    async commit(sid, changes) {
      if (isEmpty(byNamespace(changes), changes.packets ?? [])) return { outcome: 'committed' };
      const session = rows.get(sid);
      if (session === undefined) return { outcome: 'closed' };
      const applied = applyChanges(session, changes);
      if (applied.session !== undefined) rows.set(applied.session);
      return applied.answer;
    },
    async setPartial(sid, was, next) {
      assertPartialFits(next);
      const session = rows.getOpen(sid);
      if (session === undefined || !isSame(session.partial, was)) return 'changed';
      rows.set({ ...session, partial: [...next] });
      return 'stored';
    },
    async close(sid, closed, keepUntil) {
      const session = rows.getOpen(sid);
      if (session !== undefined) rows.set({ ...session, closed }, keepUntil);
      return session;
    },
    ...recoveryCalls(state, rows, now),
    ...holdCalls(state, rows),
    async *ring(ring, at) {
      const sessions = [...state.sessions.values()].filter((row) => isLive(row, at)).map((row) => row.value);
      const due = sessions.filter((session) => session.sid.startsWith(ring));
      if (due.length > 0) yield due;
    },
  };
}

interface SessionRows {
  /** Closed ones too, as long as they are kept. */
  get(sid: EngineId): EngineSession | undefined;
  getOpen(sid: EngineId): EngineSession | undefined;
  set(session: EngineSession, expiresAt?: Millis): void;
}

function sessionRows({ sessions }: SocketIoState, now: () => Millis): SessionRows {
  const get = (sid: EngineId) => {
    const row = sessions.get(sid);
    return isLive(row, now()) ? row?.value : undefined;
  };
  return {
    get,
    getOpen: (sid) => {
      const session = get(sid);
      return session?.closed === undefined ? session : undefined;
    },
    set: (session, expiresAt = sessions.get(session.sid)?.expiresAt ?? 0) =>
      sessions.set(session.sid, { value: session, expiresAt }),
  };
}

type ConnectionCalls = Pick<EngineSessionStore, 'probe' | 'upgrade' | 'pong'>;

function connectionCalls(rows: SessionRows): ConnectionCalls {
  return {
    async probe(sid, probing) {
      const session = rows.getOpen(sid);
      if (session === undefined) return 'unknown';
      if (session.transport === 'websocket') return 'upgraded';
      rows.set({ ...session, probing });
      return 'probing';
    },
    async upgrade(sid, connectionId, expiresAt) {
      const before = rows.getOpen(sid);
      if (before?.transport !== 'polling' || before.probing?.connectionId !== connectionId) return 'refused';
      const { probing: _probing, poll: _poll, pingedAt: _pingedAt, ...kept } = before;
      rows.set({ ...kept, transport: 'websocket', connectionId, outbox: [] }, expiresAt);
      return before;
    },
    async pong(sid, at) {
      const session = rows.getOpen(sid);
      if (session === undefined || session.seenAt >= at) return undefined;
      rows.set({ ...session, seenAt: at });
      return rows.getOpen(sid);
    },
  };
}

type PollCalls = Pick<EngineSessionStore, 'lease' | 'drain' | 'enqueue'>;

function pollCalls(rows: SessionRows, now: () => Millis): PollCalls {
  return {
    async lease(sid, poll, at) {
      const session = rows.getOpen(sid);
      if (session?.transport !== 'polling') return 'closed';
      if (isLeased(session, poll.token, at)) return 'busy';
      rows.set({ ...session, poll });
      return 'leased';
    },
    async drain(sid, { token, max, pingedAt }) {
      const session = rows.get(sid);
      const mine =
        session !== undefined &&
        (token === undefined ? !isLeased(session, undefined, now()) : session.poll?.token === token);
      if (!mine || session.transport !== 'polling') return 'lost';
      const { poll: _poll, ...kept } = session;
      const pinged = pingedAt === undefined ? {} : { pingedAt };
      rows.set({ ...kept, ...pinged, outbox: session.outbox.slice(max) });
      return session.outbox.slice(0, max);
    },
    async enqueue(sid, packets) {
      return enqueue(rows, sid, packets);
    },
  };
}

function enqueue(
  rows: SessionRows,
  sid: EngineId,
  packets: readonly EnginePacket[],
): Awaited<ReturnType<EngineSessionStore['enqueue']>> {
  if (packets.length === 0) return 'queued';
  const session = rows.get(sid);
  if (session === undefined) return 'gone';
  const { answer, session: next } = applyChanges(session, { packets });
  if (answer.outcome === 'moved') return { connectionId: answer.connectionId };
  if (next === undefined) return answer.outcome === 'full' ? 'full' : 'gone';
  rows.set(next);
  return 'queued';
}

type RecoveryCalls = Pick<EngineSessionStore, 'claim' | 'disown' | 'forward' | 'forwarded'>;

function recoveryCalls({ forwards }: SocketIoState, rows: SessionRows, now: () => Millis): RecoveryCalls {
  return {
    async claim(sid, nsp, pid) {
      const session = rows.get(sid);
      const socket = session?.sockets[nsp];
      if (session === undefined || socket?.pid !== pid) return undefined;
      const { [nsp]: _taken, ...sockets } = session.sockets;
      rows.set({ ...session, sockets });
      return { socket, session };
    },
    async disown(sid, nsp) {
      const session = rows.get(sid);
      const socket = session?.sockets[nsp];
      if (session === undefined || socket === undefined) return false;
      const { pid: _pid, ...kept } = socket;
      rows.set({ ...session, sockets: { ...session.sockets, [nsp]: kept } });
      return true;
    },
    async forward(from, pid, ...[to, keepUntil]) {
      forwards.set(JSON.stringify([from, pid]), { value: to, expiresAt: keepUntil });
    },
    async forwarded(from, pid) {
      const row = forwards.get(JSON.stringify([from, pid]));
      return isLive(row, now()) ? row?.value : undefined;
    },
  };
}

function holdCalls(
  { deferred, told: toldBefore }: SocketIoState,
  rows: SessionRows,
): Pick<EngineSessionStore, 'hold' | 'defer' | 'release'> {
  const held = (sid: EngineId): Map<Millis, readonly EnginePacket[]> => partition(deferred, sid);
  function note(sid: EngineId): void {
    const session = rows.getOpen(sid);
    if (session === undefined) return;
    const { heldUntil: _heldUntil, ...free } = session;
    const holds = [...held(sid).keys()];
    rows.set(holds.length === 0 ? free : { ...free, heldUntil: Math.max(...holds) });
  }
  function isTold(sid: EngineId, until: Millis, packet = ''): boolean {
    const told = rows.get(sid) === undefined ? undefined : toldBefore.get(sid)?.get(until);
    const event = toldEvent(packet);
    return event !== undefined && told?.includes(event) === true;
  }
  return {
    async hold(sid, until) {
      if (rows.getOpen(sid) === undefined) return;
      held(sid).set(until, []);
      note(sid);
    },
    async defer(sid, until, packets) {
      const kept = rows.get(sid) === undefined ? undefined : held(sid).get(until);
      if (kept === undefined) return isTold(sid, until, packets[0]) ? 'deferred' : 'free';
      if (kept.length >= HOLD.packets) return 'free';
      held(sid).set(until, [...kept, ...packets]);
      return 'deferred';
    },
    async release(sid, ...[until, told = []]) {
      if (rows.getOpen(sid) === undefined) return 'free';
      const kept = held(sid).get(until) ?? [];
      if (kept.length > 0) held(sid).set(until, []);
      else if (held(sid).delete(until)) partition(toldBefore, sid).set(until, told);
      note(sid);
      return kept.length === 0 ? 'free' : kept;
    },
  };
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
