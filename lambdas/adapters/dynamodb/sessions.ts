import type { JoinedRoom, Millis, Session } from '../../domain/entities.ts';
import type { ConnectionId, UserId } from '../../domain/ids.ts';
import { shardOf } from '../../domain/shard.ts';
import { CHAT, SWEEP } from '../../manifest/limits.ts';
import type { SessionKey, SessionStore, WatchedConnection } from '../../ports/stores.ts';
import { admit } from './admission.ts';
import { key, type Key, partition, SORT } from './keys.ts';
import { getRow, queryAll, queryPages } from './read.ts';
import { roomEntry, sessionOf, sessionRow, type SessionRow } from './session-rows.ts';
import { isLive, toExpiry, type Table } from './table.ts';
import { deleteRow, putRow, takeRow, updateRow } from './write.ts';

/** @param roomsPerSession how many a connection may be in; default CHAT.roomsPerSession */
export function createSessionStore(
  table: Table,
  roomsPerSession: number = CHAT.roomsPerSession,
): SessionStore {
  return {
    open: (session, expiresAt) => putRow(table, sessionRow(session, expiresAt)), // AP-31
    admit: (user, kind, at) => admit(table, user, { kind, at }),
    // AP-72
    watch: ({ connectionId, userId, connectedAt }, expiresAt) =>
      putRow(table, {
        ...watchKey(connectionId),
        u: userId,
        a: connectedAt,
        expiresAt: toExpiry(expiresAt),
      }),
    unwatch: (connectionId) => deleteRow(table, watchKey(connectionId)), // AP-73
    watched: (ring) => watched(table, ring),
    addRoom: (session, room) => addRoom(table, session, { room, max: roomsPerSession }),
    removeRoom: (session, room) => removeRoom(table, session, room),
    get: (session) => liveSession(table, session), // AP-36
    // AP-37: the row itself says which rooms to leave, so that disconnecting needs no read.
    close: async ({ userId, connectionId }) => {
      const row = await takeRow<SessionRow>(table, key.session(userId, connectionId));
      return row && sessionOf(row);
    },
    ofUser: (userId, at) => ofUser(table, userId, at),
  };
}

/** SWEEP#native#g / c */
interface WatchRow extends Key {
  readonly u: UserId;
  readonly a: Millis;
}

function watchKey(connectionId: ConnectionId): Key {
  return key.swept('native', shardOf(connectionId, SWEEP.rings), connectionId);
}

/** AP-74. Expired ones too: the sweep has not seen their end yet. */
async function* watched(table: Table, ring: number): AsyncGenerator<readonly WatchedConnection[]> {
  const pages = queryPages(table, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': partition.swept('native', ring) },
  });
  for await (const { rows } of pages)
    yield (rows as readonly WatchRow[]).map(({ sk, u, a }) => ({
      connectionId: sk as ConnectionId,
      userId: u,
      connectedAt: a,
    }));
}

/** AP-33; AP-34 tells `closed` from `full` after a refusal. A room that is in the set already may always be added again. */
async function addRoom(
  table: Table,
  session: SessionKey,
  { room, max }: { readonly room: JoinedRoom; readonly max: number },
): Promise<'added' | 'closed' | 'full'> {
  const entry = roomEntry(room);
  const outcome = await updateRow(table, key.session(session.userId, session.connectionId), {
    UpdateExpression: 'ADD rooms :set',
    ConditionExpression:
      'attribute_exists(pk) AND expiresAt > :now AND ' +
      '(attribute_not_exists(rooms) OR size(rooms) < :max OR contains(rooms, :entry))',
    ExpressionAttributeValues: {
      ':set': new Set([entry]),
      ':entry': entry,
      ':max': max,
      ':now': table.now() / 1_000,
    },
  });
  if (outcome !== 'refused') return 'added';
  return (await liveSession(table, session)) === undefined ? 'closed' : 'full';
}

/** AP-35. The condition keeps a late leave from bringing a closed session back as a row without attributes. */
async function removeRoom(table: Table, session: SessionKey, room: JoinedRoom): Promise<void> {
  await updateRow(table, key.session(session.userId, session.connectionId), {
    UpdateExpression: 'DELETE rooms :set',
    ConditionExpression: 'attribute_exists(pk)',
    ExpressionAttributeValues: { ':set': new Set([roomEntry(room)]) },
  });
}

/** Strong: a leave right after its join must see the room. */
async function liveSession(table: Table, session: SessionKey): Promise<Session | undefined> {
  const row = await getRow<SessionRow>(table, key.session(session.userId, session.connectionId), 'strong');
  return row !== undefined && isLive(row, table.now()) ? sessionOf(row) : undefined;
}

/** AP-38. Strong: it finds the connections of a participant who has just been removed. */
async function ofUser(table: Table, userId: UserId, at: Millis): Promise<readonly Session[]> {
  const rows = await queryAll<SessionRow>(table, {
    KeyConditionExpression: 'pk = :pk AND begins_with(sk, :prefix)',
    ExpressionAttributeValues: { ':pk': partition.user(userId), ':prefix': SORT.session },
    ConsistentRead: true,
  });
  return rows.filter((row) => isLive(row, at)).map(sessionOf);
}
