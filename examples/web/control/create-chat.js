/** @import { Store } from '../store.js' */
/** @import { Api } from '../api.js' */
/** @import { DialectId, Line } from '../types.ts' */
import { DIALECTS } from '../dialects/all.js';
import { openLine } from '../lines/open-line.js';
import { hearAll } from './hear.js';
import { createLookout } from './lookout.js';
import { createRooms } from './rooms.js';
import { logger } from './wire.js';

/**
 * Everything a person can do. One line in `chats` is always open: presence, unread counts and notifications come over it.
 * The conversation uses the line of the chosen dialect, which is another client of the same user.
 *
 * @param {{ store: Store, api: Api, token: string }} deps
 */
export function createChat({ store, api, token }) {
  const wire = logger(store);
  const lookout = createLookout(store);
  const hear = hearAll(store, lookout);
  const base = openLine(DIALECTS.chats, token, {
    wire: (...entry) => store.state.dialect === 'chats' && wire(...entry),
    heard: (heard) => hear(heard, 'base'),
    connection: (connection) => {
      const wasConnected = store.state.connection.phase === 'connected';
      store.change({ connection });
      // What the server could not replay is fetched again.
      if (connection.phase === 'connected' && !wasConnected && !connection.recovered) void rooms.comeBack();
    },
  });
  let line = base;

  /** @type {Line['say']} */
  const say = async (saying) => {
    try {
      return await line.say(saying);
    } catch (error) {
      store.change({ problem: error instanceof Error ? error.message : String(error) });
      throw error;
    }
  };
  const rooms = createRooms({ store, api, base, say });

  return {
    ...rooms,

    /** @param {DialectId} dialect */
    speak(dialect) {
      if (line !== base) line.close();
      store.change({ dialect, wire: [], typing: new Map(), isListening: dialect === 'chats' });
      if (dialect === 'chats') line = base;
      else line = openOther(dialect);
    },

    /** Loses the connection of the chosen dialect, to see it come back. */
    cut: () => line.cut(),

    close() {
      if (line !== base) line.close();
      base.close();
    },
  };

  /** What was said before the new line was in the room is fetched. @param {() => boolean} isCurrent */
  async function listen(isCurrent) {
    // The line tells of its connection while it is being made.
    await Promise.resolve();
    await rooms.join();
    await rooms.catchUp();
    if (isCurrent()) store.change({ isListening: true });
  }

  /** @param {Exclude<DialectId, 'chats'>} id @returns {Line} */
  function openOther(id) {
    const dialect = DIALECTS[id];
    const isCurrent = () => store.state.dialect === id;
    const opened = openLine(dialect, token, {
      wire: (...entry) => isCurrent() && wire(...entry),
      heard: (heard) => isCurrent() && hear(heard, 'chosen'),
      connection({ phase }) {
        if (!isCurrent()) return;
        if (phase === 'connected') void listen(isCurrent);
        else store.change({ isListening: false });
      },
    });
    return opened;
  }
}

/** @typedef {ReturnType<typeof createChat>} Chat */
