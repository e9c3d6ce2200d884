import type { JoinedRoom, Millis, Session, User } from '../../domain/entities.ts';
import { CHAT, SWEEP } from '../../manifest/limits.ts';
import type { SessionKey, SessionStore } from '../../ports/stores.ts';
import { NEVER_ONLINE } from './presence.ts';
import { isLive, type State } from './state.ts';
import { shardOf } from '../../domain/shard.ts';

export function createSessionStore(state: State, now: () => Millis): SessionStore {
  const { sessions, watched } = state;
  return {
    async open(session, expiresAt) {
      sessions.set(rowKey(session), { value: session, expiresAt });
    },
    async admit(user, kind, at) {
      return admit(state, user, { kind, at });
    },
    async watch({ connectionId, userId, connectedAt }) {
      watched.set(connectionId, { connectionId, userId, connectedAt });
    },
    async unwatch(connectionId) {
      watched.delete(connectionId);
    },
    async *watched(ring) {
      yield [...watched.values()].filter(({ connectionId }) => shardOf(connectionId, SWEEP.rings) === ring);
    },
    async addRoom(key, room) {
      return addRoom(state, key, { room, at: now() });
    },
    async removeRoom(key, room) {
      setRooms(state, key, (rooms) => rooms.filter((other) => !isSame(room, other)));
    },
    async get(key) {
      return liveSession(state, key, now());
    },
    async close(key) {
      const row = sessions.get(rowKey(key));
      sessions.delete(rowKey(key));
      return row?.value;
    },
    async ofUser(userId, at) {
      return [...sessions.values()]
        .filter((row) => row.value.userId === userId && isLive(row, at))
        .map(({ value }) => value);
    },
  };
}

function admit(
  { users, presence }: State,
  user: User,
  { kind, at }: { readonly kind: 'must-exist' | 'create'; readonly at: Millis },
): 'online' | 'away' | 'missing' {
  if (!users.has(user.id)) {
    if (kind === 'must-exist') return 'missing';
    users.set(user.id, user);
  }
  const before = presence.get(user.id) ?? NEVER_ONLINE;
  presence.set(user.id, { ...before, lastConnectAt: at, connects: before.connects + 1 });
  return before.stage === 'online' || before.stage === 'arriving' ? 'online' : 'away';
}

function addRoom(
  state: State,
  key: SessionKey,
  { room, at }: { readonly room: JoinedRoom; readonly at: Millis },
): 'added' | 'closed' | 'full' {
  const session = liveSession(state, key, at);
  if (session === undefined) return 'closed';
  if (session.rooms.some((other) => isSame(room, other))) return 'added';
  if (session.rooms.length >= CHAT.roomsPerSession) return 'full';
  const { roomId, shard } = room;
  setRooms(state, key, (rooms) => [...rooms, { roomId, shard }]);
  return 'added';
}

function liveSession({ sessions }: State, key: SessionKey, at: Millis): Session | undefined {
  const row = sessions.get(rowKey(key));
  return isLive(row, at) ? row?.value : undefined;
}

function setRooms(
  { sessions }: State,
  key: SessionKey,
  change: (rooms: readonly JoinedRoom[]) => readonly JoinedRoom[],
): void {
  const row = sessions.get(rowKey(key));
  if (row === undefined) return;
  sessions.set(rowKey(key), { ...row, value: { ...row.value, rooms: change(row.value.rooms) } });
}

function isSame(a: JoinedRoom, b: JoinedRoom): boolean {
  return a.roomId === b.roomId && a.shard === b.shard;
}

function rowKey({ userId, connectionId }: SessionKey): string {
  return `${userId}#${connectionId}`;
}
