/** @import { Store } from '../store.js' */
/** @import { Heard } from '../types.ts' */

/** @typedef {Extract<Heard, { kind: 'message' }>} MessageHeard */

/** How many messages to remember the room of. */
const KEPT = 500;

/**
 * The messenger dialect does not say which room a message is in. The same message comes in `chats`, too, which does:
 * whichever is first waits for the other.
 *
 * @param {Store} store
 */
export function createLookout(store) {
  /** @type {Map<string, string>} */
  const roomOf = new Map();
  /** @type {Map<string, MessageHeard>} */
  const waiting = new Map();
  return {
    /** Message said with its room. @param {string} id @param {string} roomId @returns {MessageHeard | undefined} one that waited for this */
    learn(id, roomId) {
      roomOf.set(id, roomId);
      if (roomOf.size > KEPT) roomOf.delete([...roomOf.keys()][0] ?? '');
      const waited = waiting.get(id);
      waiting.delete(id);
      return waited;
    },

    /** Whether the message belongs into the open room; undefined while nobody knows. @param {MessageHeard} heard */
    isHere(heard) {
      const roomId = heard.roomId ?? roomOf.get(heard.id);
      if (roomId === undefined) waiting.set(heard.id, heard);
      return roomId === undefined ? undefined : roomId === store.state.openRoomId;
    },
  };
}

/** @typedef {ReturnType<typeof createLookout>} Lookout */
