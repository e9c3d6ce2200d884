/** @import { Context } from './workspace.js' */
/** @import { Notification } from '../types.ts' */
import { element } from '../dom.js';
import { keyedList } from '../keyed-list.js';
import { time } from '../names.js';

/** A button with the number of unread ones, and the sheet it opens. @param {Context} context */
export function notifications({ store, chat }) {
  const badge = element('span', { className: 'badge' });
  const button = element(
    'button',
    { type: 'button', 'aria-expanded': 'false', 'aria-controls': 'notifications' },
    'Notifications',
    badge,
  );
  const list = element('ul', {});
  const none = element('p', {}, 'None. Back ends send them, by REST, EventBridge or the Emitter.');
  const sheet = element(
    'section',
    { className: 'sheet', id: 'notifications', 'aria-label': 'Notifications', hidden: true },
    element('h2', {}, 'Notifications'),
    none,
    list,
  );
  const node = element('div', { className: 'bell' }, button, sheet);

  /** @param {boolean} isOpen */
  const show = (isOpen) => {
    sheet.hidden = !isOpen;
    button.setAttribute('aria-expanded', String(isOpen));
  };
  button.addEventListener('click', () => show(sheet.hidden));
  node.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape' || sheet.hidden) return;
    show(false);
    button.focus();
  });

  store.watch(['notifications'], ({ notifications: all }) => {
    const unread = all.filter(({ readAt }) => readAt === undefined).length;
    badge.hidden = unread === 0;
    badge.replaceChildren(String(unread), element('span', { className: 'unseen' }, ' unread'));
    none.hidden = all.length > 0;
    keyedList(list, all, {
      key: ({ id }) => id,
      create: (notification) => item(notification, () => void chat.readNotification(notification.id)),
      update(li, { readAt }) {
        const mark = /** @type {HTMLElement} */ (li.querySelector('button'));
        // A button that goes away takes the focus with it.
        if (readAt !== undefined && document.activeElement === mark) button.focus();
        mark.hidden = readAt !== undefined;
      },
    });
  });
  return node;
}

/** @param {Notification} notification @param {() => void} read */
function item({ payload, createdAt }, read) {
  const title = payload['title'] ?? payload['message'] ?? payload['text'];
  const text = typeof title === 'string' ? title : JSON.stringify(payload);
  return element(
    'li',
    {},
    element('div', { className: 'what' }, element('strong', {}, text), time(createdAt)),
    element(
      'button',
      { type: 'button', className: 'quiet', onclick: read, 'aria-label': `Mark as read: ${text}` },
      'Mark read',
    ),
  );
}
