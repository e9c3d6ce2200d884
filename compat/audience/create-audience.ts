import { mapBounded } from '../../lambdas/app/map-bounded.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import { CHAT_DIALECTS, socketRoomOf, type ChatSettings } from '../../lambdas/manifest/dialects.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { Audience } from '../../lambdas/ports/audience.ts';
import type {
  EngineId,
  EngineSession,
  EngineSessionStore,
  Namespace,
  Place,
  SocketIndex,
} from '../../lambdas/ports/socketio.ts';
import { SocketGathering, type SpeakingDeps } from './gathering.ts';
import { dropping, type CuttingDeps } from './socket-mail.ts';
import type { Listener } from './tell.ts';

export interface AudienceDeps extends SpeakingDeps, CuttingDeps {
  readonly sockets: Pick<SocketIndex, 'list' | 'few' | 'find' | 'remove'>;
  readonly sessions: Pick<EngineSessionStore, 'get' | 'commit' | 'disown' | 'enqueue'>;
  readonly settings: ChatSettings;
}

/**
 * Socket.IO sockets as chat sees them: a chat room is the Socket.IO room `#<room id>`, a user the room named as the user, so
 * the index of the bridge knows them all, and neither the Server nor a session's row is needed to tell them something.
 */
export function createAudience(deps: AudienceDeps): Audience {
  const { all, chatting } = namespacesOf(deps.settings);
  return {
    inRoom: async (roomId, at) =>
      new SocketGathering(deps, await listeners(deps, placesOf(chatting, socketRoomOf(roomId)), at)),
    async fewInRoom(roomId, ...[at, most]) {
      const places = placesOf(chatting, socketRoomOf(roomId));
      return new SocketGathering(deps, await fewListeners(deps, places, { at, most }));
    },
    openSession: (userId, ...[at, known]) => openSession(deps, placesOf(all, userId), { at, known }),
    ofUser: async (userId, at) => new SocketGathering(deps, await listeners(deps, placesOf(all, userId), at)),
    drop: dropping(deps),
    async evict(roomId, ...[userId, at]) {
      const rooms = placesOf(chatting, socketRoomOf(roomId));
      const evicted = await Promise.all(rooms.map((room) => evict(deps, { room, userId, at })));
      return new SocketGathering(deps, evicted.flat());
    },
  };
}

/** Only where a vocabulary of chat is served can a socket be in a chat room. */
function namespacesOf({ namespaces }: ChatSettings) {
  const chat: ReadonlySet<string> = new Set(CHAT_DIALECTS);
  const entries = Object.entries(namespaces);
  return {
    all: entries.map(([nsp]) => nsp),
    chatting: entries.filter(([, dialects]) => dialects.some((id) => chat.has(id))).map(([nsp]) => nsp),
  };
}

function placesOf(namespaces: readonly Namespace[], room: string): readonly Required<Place>[] {
  return namespaces.map((nsp) => ({ nsp, room }));
}

async function listeners(
  { sockets }: Pick<AudienceDeps, 'sockets'>,
  places: readonly Place[],
  ...[at, read]: readonly [at: Millis, read?: 'strong']
): Promise<readonly Listener[]> {
  const found = await Promise.all(
    places.map(async (place) => (await sockets.list(place, at, read)).map((entry) => ({ place, entry }))),
  );
  return found.flat();
}

/** Reads a place at a time while there are not too many yet. */
async function fewListeners(
  { sockets }: Pick<AudienceDeps, 'sockets'>,
  places: readonly Place[],
  { at, most }: { readonly at: Millis; readonly most: number },
): Promise<readonly Listener[]> {
  const found: Listener[] = [];
  for (const place of places) {
    const entries = await sockets.few(place, at, most - found.length);
    found.push(...entries.map((entry) => ({ place, entry })));
    if (found.length > most) break;
  }
  return found;
}

/** An entry tells where to look, and the session whether it is true. An entry of no open session goes: a crash left it. */
async function openSession(
  { sockets, sessions }: Pick<AudienceDeps, 'sockets' | 'sessions'>,
  places: readonly Required<Place>[],
  { at, known }: { readonly at: Millis; readonly known: EngineId | undefined },
): Promise<EngineId | undefined> {
  if (known !== undefined && holds(await sessions.get(known, 'eventual'), places)) return known;
  const listed = await listeners({ sockets }, places, at, 'strong');
  for (const sid of new Set(listed.map(({ entry }) => entry.sid))) {
    const session = await sessions.get(sid);
    if (holds(session, places)) return sid;
    if (session !== undefined && session.closed === undefined) continue;
    const stale = listed.filter(({ entry }) => entry.sid === sid);
    await Promise.all(stale.map(({ place, entry }) => sockets.remove(place, entry)));
  }
  return undefined;
}

function holds(session: EngineSession | undefined, places: readonly Required<Place>[]): boolean {
  if (session === undefined || session.closed !== undefined) return false;
  return places.some(({ nsp, room }) => session.sockets[nsp]?.rooms.includes(room) === true);
}

/**
 * Who is in the room is asked of index and rows, strongly: the index may not know yet who joined a moment ago, and a row not
 * who is joining; nor would an eventual read who has just connected. Taken out of both: the row proves the right to send, the
 * index says who hears.
 */
async function evict(
  deps: AudienceDeps,
  { room, userId, at }: { readonly room: Required<Place>; readonly userId: string; readonly at: Millis },
): Promise<readonly Listener[]> {
  const [own, others] = await Promise.all([
    listeners(deps, placesOf([room.nsp], userId), at, 'strong'),
    listeners(deps, [room], at, 'strong'),
  ]);
  const hearing = new Set(others.map(({ entry }) => entry.socketId));
  const evicted = await mapBounded(own, FAN_OUT.concurrency, async ({ entry }) => {
    const session = await deps.sessions.get(entry.sid);
    const isIn = session?.sockets[room.nsp]?.rooms.includes(room.room) === true;
    if (!isIn && !hearing.has(entry.socketId)) return [];
    await Promise.all([deps.sessions.commit(entry.sid, { left: [room] }), deps.sockets.remove(room, entry)]);
    return [{ place: room, entry }];
  });
  return evicted.flat();
}
