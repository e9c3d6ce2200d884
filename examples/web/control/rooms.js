/** @import { Store } from '../store.js' */
/** @import { Api } from '../api.js' */
/** @import { Line, Message } from '../types.ts' */
import { DIALECTS } from '../dialects/all.js';

/** A typist says so again this often, and is silent after as long without a key. */
const TYPING_MS = 3_000;

/**
 * Rooms and what is said in the open one. `base` is the line that is always open, `say` speaks in the chosen dialect.
 *
 * @param {{ store: Store, api: Api, base: Pick<Line, 'say'>, say: Line['say'] }} deps
 */
export function createRooms({ store, api, base, say }) {
  let saidTypingAt = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  const dialect = () => DIALECTS[store.state.dialect];

  async function refresh() {
    const known = new Set(store.state.rooms.map(({ id }) => id));
    const rooms = await api.rooms();
    const { openRoomId } = store.state;
    store.change({
      rooms: rooms.map((room) => (room.id === openRoomId ? { ...room, unreadCount: 0 } : room)),
    });
    // A socket enters the rooms of its user when it connects; those that came later are entered now.
    for (const { id } of rooms)
      if (!known.has(id)) void base.say(['chat:join', { chatId: id }]).catch(() => {});
  }

  /** Opens the room that is open now to the chosen dialect's line. */
  async function join() {
    const { openRoomId, dialect: chosen } = store.state;
    const saying = openRoomId === undefined || chosen === 'chats' ? undefined : dialect().join?.(openRoomId);
    if (saying) await say(saying).catch(() => {});
  }

  async function catchUp() {
    const { openRoomId } = store.state;
    if (openRoomId === undefined) return;
    const page = await api.history(openRoomId);
    if (store.state.openRoomId === openRoomId)
      store.change(({ messages }) => ({ messages: merged(page.messages, messages) }));
  }

  /** Says that the newest message of others has been read, where the dialect has a word for it. */
  function read() {
    const { openRoomId, messages, user, receipts } = store.state;
    const newest = messages.findLast(({ sender }) => sender?.id !== user.id);
    if (openRoomId === undefined || newest === undefined || document.hidden) return;
    store.change(({ rooms }) => ({
      rooms: rooms.map((room) =>
        room.id === openRoomId && room.unreadCount > 0 ? { ...room, unreadCount: 0 } : room,
      ),
    }));
    const saying = dialect().read?.(openRoomId, newest.id);
    if (!saying || (receipts.get(user.id) ?? '') >= newest.id) return;
    store.change({ receipts: new Map(receipts).set(user.id, newest.id) });
    void say(saying).catch(() => {});
  }

  /** @param {string} id */
  async function open(id) {
    store.change({
      openRoomId: id,
      room: undefined,
      messages: [],
      olderThan: undefined,
      typing: new Map(),
      problem: '',
    });
    const [room, page] = await Promise.all([api.room(id), api.history(id)]);
    if (store.state.openRoomId !== id) return;
    const receipts = room.participants.flatMap(({ id: userId, lastReadMessageId }) =>
      lastReadMessageId === undefined ? [] : [/** @type {const} */ ([userId, lastReadMessageId])],
    );
    store.change(({ messages }) => ({
      room,
      messages: merged(page.messages, messages),
      olderThan: page.nextCursor,
      receipts: new Map(receipts),
    }));
    await join();
    read();
  }

  async function comeBack() {
    await refresh();
    const { openRoomId } = store.state;
    store.change({ notifications: await api.notifications() });
    if (openRoomId !== undefined) await open(openRoomId);
  }

  /** @param {string} roomId @param {boolean} isTyping */
  function sayTyping(roomId, isTyping) {
    const saying = dialect().typing(roomId, isTyping);
    if (saying) void say(saying).catch(() => {});
  }

  function stopTyping() {
    clearTimeout(silence);
    const { openRoomId } = store.state;
    if (saidTypingAt > 0 && openRoomId !== undefined) sayTyping(openRoomId, false);
    saidTypingAt = 0;
  }

  return {
    refresh,
    join,
    catchUp,
    read,
    open,
    comeBack,

    async older() {
      const { openRoomId, olderThan } = store.state;
      if (openRoomId === undefined || olderThan === undefined) return;
      const page = await api.history(openRoomId, olderThan);
      if (store.state.openRoomId !== openRoomId) return;
      store.change(({ messages }) => ({
        messages: merged(page.messages, messages),
        olderThan: page.nextCursor,
      }));
    },

    /** @param {string | undefined} name @param {string[]} participantIds */
    async create(name, participantIds) {
      const room = await api.createRoom({ ...(name !== undefined && { name }), participantIds });
      await refresh();
      await open(room.id);
    },

    /** @param {string[]} participantIds */
    async invite(participantIds) {
      const { openRoomId } = store.state;
      if (openRoomId !== undefined) store.change({ room: await api.invite(openRoomId, participantIds) });
    },

    /** Once when somebody begins, then now and then. */
    typed() {
      const { openRoomId } = store.state;
      if (openRoomId === undefined) return;
      clearTimeout(silence);
      silence = setTimeout(stopTyping, TYPING_MS);
      if (Date.now() - saidTypingAt < TYPING_MS) return;
      saidTypingAt = Date.now();
      sayTyping(openRoomId, true);
    },

    /** @param {string} content */
    async send(content) {
      const { openRoomId } = store.state;
      if (openRoomId === undefined) return;
      stopTyping();
      const answer = /** @type {{ id?: string, message?: { id?: string } } | undefined} */ (
        await say(dialect().send(openRoomId, content))
      );
      const id = typeof answer?.message === 'object' ? answer.message.id : answer?.id;
      store.change(({ sent, messages, user }) => ({
        problem: '',
        sent: new Set(sent).add(id ?? ''),
        messages: messages.map((each) => (each.id === id && !each.sender ? { ...each, sender: user } : each)),
      }));
    },

    /** @param {string} id */
    async readNotification(id) {
      await base.say(['notification.read', { id }]);
    },
  };
}

/** Both, each message once, oldest first. @param {readonly Message[]} page @param {readonly Message[]} messages */
function merged(page, messages) {
  const byId = new Map([...messages, ...page].map((message) => [message.id, message]));
  return [...byId.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}
