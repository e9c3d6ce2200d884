/** @import { Store } from '../store.js' */
/** @import { Chat } from '../control/create-chat.js' */
import { element } from '../dom.js';
import { avatar, nameOf } from '../names.js';
import { connection } from './connection.js';
import { newRoom } from './new-room.js';
import { notifications } from './notifications.js';
import { roomList } from './room-list.js';
import { stage } from './stage.js';
import { wire } from './wire.js';

/** @typedef {{ store: Store, chat: Chat, signOut: () => void }} Context */

/** @param {Context} context */
export function workspace(context) {
  const { user } = context.store.state;
  document.title = `Causeway · ${nameOf(user)}`;
  const refresh = element(
    'button',
    { type: 'button', className: 'quiet', onclick: () => void context.chat.refresh() },
    'Refresh',
  );
  return element(
    'div',
    { className: 'workspace' },
    element(
      'header',
      { className: 'bar' },
      element('p', { className: 'brand' }, element('img', { src: 'icon.svg', alt: '' }), 'Causeway'),
      connection(context),
      element('span', { className: 'grow' }),
      notifications(context),
      element('div', { className: 'me' }, avatar(user), element('span', { className: 'name' }, nameOf(user))),
      element('button', { type: 'button', className: 'quiet', onclick: context.signOut }, 'Log out'),
    ),
    element(
      'nav',
      { className: 'rooms', 'aria-label': 'Rooms' },
      element('div', { className: 'section-head' }, element('h2', {}, 'Rooms'), refresh),
      roomList(context),
      newRoom(context),
    ),
    stage(context),
    wire(context),
  );
}
