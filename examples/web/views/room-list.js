/** @import { Context } from './workspace.js' */
/** @import { RoomSummary } from '../types.ts' */
import { element } from '../dom.js';
import { keyedList } from '../keyed-list.js';
import { nameOf } from '../names.js';

/** @param {Context} context */
export function roomList({ store, chat }) {
  const list = element('ul', { className: 'room-list' });
  const none = element(
    'p',
    { className: 'empty' },
    'No room yet. Create one below, or give somebody your id.',
  );
  store.watch(['rooms', 'openRoomId'], ({ rooms, openRoomId }) => {
    none.hidden = rooms.length > 0;
    keyedList(list, rooms, {
      key: ({ id }) => id,
      create: ({ id }) =>
        item(() => void chat.open(id).then(() => document.getElementById('message')?.focus())),
      update: (node, room) => update(node, room, room.id === openRoomId),
    });
  });
  return element('div', {}, list, none);
}

/** Ids the server made up say nothing to people; others, such as the lobby's, are names. @param {Pick<RoomSummary, 'id' | 'name'>} room */
export function titleOf({ id, name }) {
  return name ?? (/^[0-9a-f]{24}$/.test(id) ? `Room ${id.slice(-6)}` : id);
}

/** @param {() => void} open */
function item(open) {
  return element(
    'li',
    {},
    element(
      'button',
      { type: 'button', onclick: open },
      element(
        'span',
        { className: 'what' },
        element('span', { className: 'title' }),
        element('span', { className: 'last' }),
      ),
      element('span', { className: 'badge' }),
    ),
  );
}

/** @param {HTMLElement} node @param {RoomSummary} room @param {boolean} isOpen */
function update(node, { name, id, lastMessage, unreadCount }, isOpen) {
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (node.querySelector(selector));
  part('button').setAttribute('aria-current', String(isOpen));
  part('.title').textContent = titleOf({ name, id });
  const who = lastMessage?.sender ? `${nameOf(lastMessage.sender)}: ` : '';
  part('.last').textContent = lastMessage ? `${who}${lastMessage.content}` : 'Nothing said yet';
  const badge = part('.badge');
  badge.hidden = unreadCount === 0;
  badge.replaceChildren(String(unreadCount), element('span', { className: 'unseen' }, ' unread'));
}
