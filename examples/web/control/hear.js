/** @import { Store } from '../store.js' */
/** @import { Heard, State } from '../types.ts' */
/** @import { Lookout, MessageHeard } from './lookout.js' */
import { DIALECTS } from '../dialects/all.js';
import { announce } from '../dom.js';

/**
 * What heard events change. `base` is the line that is always open, `chosen` that of another dialect: while there is one,
 * the conversation shows what that one hears, and nothing else.
 *
 * @param {Store} store
 * @param {Lookout} lookout
 */
export function hearAll(store, lookout) {
  /** @type {Map<string, ReturnType<typeof setTimeout>>} */
  const timers = new Map();

  /** @param {MessageHeard} heard */
  function show(heard) {
    if (lookout.isHere(heard) !== true) return;
    const { user, messages } = store.state;
    if (messages.some(({ id }) => id === heard.id)) return;
    const sender = heard.sender ?? (store.state.sent.has(heard.id) ? user : undefined);
    const message = { ...heard, roomId: heard.roomId ?? '', sender, isLive: true };
    if (sender) stopTyping(sender.id);
    store.change({ messages: [...messages, message].toSorted((a, b) => (a.id < b.id ? -1 : 1)) });
  }

  /** @param {MessageHeard} heard */
  function countIn(heard) {
    const waited = heard.roomId === undefined ? undefined : lookout.learn(heard.id, heard.roomId);
    if (waited) show(waited);
    const message = { ...heard, roomId: heard.roomId ?? '' };
    store.change((state) => ({ rooms: withMessage(state, message) }));
  }

  /** @param {Extract<Heard, { kind: 'typing' }>} heard */
  function type({ roomId, userId, username, isTyping }) {
    if (userId === store.state.user.id || (roomId !== undefined && roomId !== store.state.openRoomId)) return;
    if (!isTyping) return stopTyping(userId);
    clearTimeout(timers.get(userId));
    timers.set(
      userId,
      setTimeout(() => stopTyping(userId), DIALECTS[store.state.dialect].typingLastsMs),
    );
    const name = username ?? nameOf(store.state, userId);
    store.change(({ typing }) => ({ typing: new Map(typing).set(userId, name) }));
  }

  /** @param {string} userId */
  function stopTyping(userId) {
    clearTimeout(timers.get(userId));
    if (!store.state.typing.has(userId)) return;
    const typing = new Map(store.state.typing);
    typing.delete(userId);
    store.change({ typing });
  }

  /** @param {Heard} heard @param {'base' | 'chosen'} line */
  return (heard, line) => {
    const isChosen = line === 'chosen' || store.state.dialect === 'chats';
    if (line === 'base' && heard.kind === 'message') countIn(heard);
    if (line === 'base') changeForAll(store, heard);
    if (!isChosen) return;
    if (heard.kind === 'message') show(heard);
    if (heard.kind === 'typing') type(heard);
    if (heard.kind === 'read') markRead(store, heard);
  };
}

/** @param {State} state @param {string} userId */
function nameOf({ room }, userId) {
  const person = room?.participants.find(({ id }) => id === userId);
  return person?.displayName ?? person?.username ?? 'Somebody';
}

/** The room with the newest message first. @param {State} state @param {import('../types.ts').Message} message */
function withMessage({ rooms, user, openRoomId }, message) {
  const room = rooms.find(({ id }) => id === message.roomId);
  if (!room) return rooms;
  const isNew = message.sender?.id !== user.id && (room.id !== openRoomId || document.hidden);
  const unreadCount = room.unreadCount + (isNew ? 1 : 0);
  return [{ ...room, lastMessage: message, unreadCount }, ...rooms.filter((other) => other !== room)];
}

/** @param {Store} store @param {Extract<Heard, { kind: 'read' }>} heard */
function markRead(store, { roomId, userId, messageId }) {
  if (roomId !== store.state.openRoomId) return;
  if ((store.state.receipts.get(userId) ?? '') >= messageId) return;
  store.change(({ receipts }) => ({ receipts: new Map(receipts).set(userId, messageId) }));
}

/** Presence and notifications: of the user, whatever room is open. @param {Store} store @param {Heard} heard */
function changeForAll(store, heard) {
  if (heard.kind === 'presence')
    store.change(({ online }) => ({ online: new Map(online).set(heard.userId, heard.isOnline) }));
  // Who does something is there.
  const doer =
    heard.kind === 'message'
      ? heard.sender?.id
      : heard.kind === 'typing' || heard.kind === 'read'
        ? heard.userId
        : undefined;
  if (doer !== undefined && store.state.online.get(doer) !== true)
    store.change(({ online }) => ({ online: new Map(online).set(doer, true) }));
  if (heard.kind === 'notification') {
    const { notification } = heard;
    store.change(({ notifications }) => ({
      notifications: [notification, ...notifications.filter(({ id }) => id !== notification.id)],
    }));
    announce('New notification');
  }
  if (heard.kind === 'notification-read') {
    const { id, readAt } = heard;
    store.change(({ notifications }) => ({
      notifications: notifications.map((each) => (each.id === id ? { ...each, readAt } : each)),
    }));
  }
  if (heard.kind === 'problem') store.change({ problem: heard.message });
}
