/** @import { Context } from './workspace.js' */
/** @import { Message, State } from '../types.ts' */
import { element } from '../dom.js';
import { keyedList } from '../keyed-list.js';
import { avatar, nameOf, time } from '../names.js';

/** Near enough to the end to be kept there, in pixels. */
const AT_THE_END = 80;

/** @param {Context} context */
export function messageList({ store, chat }) {
  const older = element(
    'button',
    { type: 'button', className: 'quiet older', onclick: () => void chat.older() },
    'Older messages',
  );
  const list = element('ol', { role: 'log', 'aria-label': 'Messages', 'aria-live': 'polite' });
  const scroller = element(
    'div',
    { className: 'messages', tabIndex: 0, role: 'region', 'aria-label': 'Conversation' },
    older,
    list,
  );
  let shown = '';
  store.watch(['messages', 'receipts', 'room', 'olderThan'], (state) => {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const wasAtTheEnd = scrollHeight - scrollTop - clientHeight < AT_THE_END || shown !== state.openRoomId;
    shown = state.openRoomId ?? '';
    older.hidden = state.olderThan === undefined;
    const follows = follower(state.messages);
    const seen = seenBy(state);
    keyedList(list, state.messages, {
      // Who wrote may be known only later: then it is another bubble.
      key: ({ id, sender }) => `${id}${sender ? '' : '?'}`,
      create: (message) => bubble(message, state),
      update(node, message) {
        node.classList.toggle('follows', follows(message));
        /** @type {HTMLElement} */ (node.querySelector('.meta')).hidden = follows(message);
        /** @type {HTMLElement | null} */ const picture = node.querySelector('.avatar');
        if (picture) picture.hidden = follows(message);
        showSeen(/** @type {HTMLElement} */ (node.querySelector('.seen')), seen.get(message.id) ?? []);
      },
    });
    if (wasAtTheEnd) scroller.scrollTop = scroller.scrollHeight;
    if (state.messages.at(-1)?.isLive) queueMicrotask(() => chat.read());
  });
  return scroller;
}

/** @param {Message} message @param {State} state */
function bubble({ sender, content, createdAt, isLive }, { user }) {
  const isOwn = sender?.id === user.id;
  const who = isOwn ? 'You' : sender ? nameOf(sender) : 'Sender not said';
  return element(
    'li',
    { className: ['message', isOwn ? 'own' : '', isLive ? 'live' : ''].join(' ').trim() },
    !isOwn && avatar(sender ?? { id: '?', username: '?' }),
    element('p', { className: 'meta' }, element('strong', {}, who), time(createdAt)),
    element('p', { className: 'bubble' }, content),
    element('p', { className: 'seen' }),
  );
}

/** Whether a message is the next of the same person within five minutes. @param {readonly Message[]} messages */
function follower(messages) {
  const before = new Map(messages.map((message, index) => [message, messages[index - 1]]));
  return (/** @type {Message} */ message) => {
    const previous = before.get(message);
    if (!previous?.sender || previous.sender.id !== message.sender?.id) return false;
    return Date.parse(message.createdAt) - Date.parse(previous.createdAt) < 5 * 60_000;
  };
}

/** Own message → the others who have read up to it. @param {State} state */
function seenBy({ messages, receipts, room, user }) {
  /** @type {Map<string, import('../types.ts').User[]>} */
  const seen = new Map();
  for (const person of room?.participants ?? []) {
    const upTo = receipts.get(person.id);
    if (person.id === user.id || upTo === undefined) continue;
    const own = messages.findLast(({ id, sender }) => sender?.id === user.id && id <= upTo);
    if (own) seen.set(own.id, [...(seen.get(own.id) ?? []), person]);
  }
  return seen;
}

/** @param {HTMLElement} node @param {readonly import('../types.ts').User[]} people */
function showSeen(node, people) {
  const text = people.length === 0 ? '' : `Read by ${people.map(nameOf).join(', ')}`;
  if (node.dataset['text'] === text) return;
  node.dataset['text'] = text;
  node.replaceChildren(...people.map((person) => avatar(person, 'small')), text);
}
