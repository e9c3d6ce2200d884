import type { JoinedRoom, Millis, Session } from '../../domain/entities.ts';
import type { UserId } from '../../domain/ids.ts';
import { CHAT } from '../../manifest/limits.ts';
import type { SessionKey, SessionStore } from '../../ports/stores.ts';
import { admit } from './admission.ts';
import { key, partition, SORT } from './keys.ts';
import { getRow, queryAll } from './read.ts';
import { roomEntry, sessionOf, sessionRow, type SessionRow } from './session-rows.ts';
import { isLive, type Table } from './table.ts';
import { putRow, takeRow, updateRow } from './write.ts';

export function createSessionStore(table: Table): SessionStore {
  return {
    open: (session, expiresAt) => putRow(table, sessionRow(session, expiresAt)), // AP-31
    admit: (user, kind, at) => admit(table, user, { kind, at }),
    addRoom: (session, room) => addRoom(table, session, room),
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

/** AP-33; AP-34 tells `closed` from `full` after a refusal. A room that is in the set already may always be added again. */
async function addRoom(
  table: Table,
  session: SessionKey,
  room: JoinedRoom,
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
      ':max': CHAT.roomsPerSession,
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
