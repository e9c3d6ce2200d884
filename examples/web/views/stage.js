/** @import { Context } from './workspace.js' */
import { element } from '../dom.js';
import { composer } from './composer.js';
import { messageList } from './message-list.js';
import { people } from './people.js';
import { titleOf } from './room-list.js';

/** The open room. @param {Context} context */
export function stage(context) {
  const { store } = context;
  const title = element('h1', {});
  const typing = element('p', { className: 'typing', role: 'status' });
  const problem = element('p', { className: 'problem', role: 'alert' });
  const room = [
    element(
      'div',
      { className: 'stage-head' },
      element('div', { className: 'names' }, title),
      people(context),
    ),
    messageList(context),
    typing,
    problem,
    composer(context),
  ];
  const nothing = element(
    'div',
    { className: 'empty' },
    element('h2', {}, 'No room is open'),
    element('p', {}, 'Choose one, or create one and invite somebody by their id.'),
  );
  const node = element('main', { className: 'stage', id: 'stage', tabIndex: -1 }, nothing, ...room);
  store.watch(['openRoomId', 'room', 'rooms'], ({ openRoomId, rooms, room: open }) => {
    nothing.hidden = openRoomId !== undefined;
    for (const part of room) part.hidden = openRoomId === undefined;
    const shown = open ?? rooms.find(({ id }) => id === openRoomId);
    title.textContent = shown ? titleOf(shown) : 'Room';
  });
  store.watch(['typing'], (state) => {
    typing.textContent = typists([...state.typing.values()]);
  });
  store.watch(['problem'], (state) => {
    problem.textContent = state.problem;
  });
  return node;
}

/** @param {string[]} names */
function typists(names) {
  if (names.length === 0) return '';
  const [first = '', second] = names;
  if (names.length > 2) return `${first} and ${names.length - 1} others are typing …`;
  return second === undefined ? `${first} is typing …` : `${first} and ${second} are typing …`;
}
