/** @import { Context } from './workspace.js' */
import { announce, element, field } from '../dom.js';
import { keyedList } from '../keyed-list.js';
import { nameOf } from '../names.js';
import { idsIn } from './new-room.js';

/** Who takes part, who of them is there, and a way to add more. @param {Context} context */
export function people({ store, chat }) {
  const list = element('ul', { className: 'people-list', 'aria-label': 'People in this room' });
  store.watch(['room', 'online'], ({ room, online, user }) => {
    keyedList(list, room?.participants ?? [], {
      key: ({ id }) => id,
      create: (person) =>
        element(
          'li',
          {},
          element('span', { className: 'dot', 'aria-hidden': 'true' }),
          element('span', {}, person.id === user.id ? `${nameOf(person)} (you)` : nameOf(person)),
          element('span', { className: 'unseen' }),
        ),
      update(node, { id }) {
        const isOnline = id === user.id || online.get(id) === true;
        const state = isOnline ? 'online' : online.has(id) ? 'offline' : 'not seen yet';
        /** @type {HTMLElement} */ (node.firstElementChild).dataset['state'] = state;
        /** @type {HTMLElement} */ (node.lastElementChild).textContent = `, ${state}`;
        node.title = state;
      },
    });
  });
  return element('div', { className: 'people' }, list, invite(chat));
}

/** @param {Context['chat']} chat */
function invite(chat) {
  const ids = field({ id: 'invite', label: 'Ids', required: true, spellcheck: false });
  const problem = element('p', { className: 'problem', role: 'alert' });
  const details = element('details', {}, element('summary', {}, 'Add people'));

  /** @param {SubmitEvent} event */
  async function add(event) {
    event.preventDefault();
    problem.textContent = '';
    try {
      await chat.invite(idsIn(ids.input.value));
      ids.input.value = '';
      details.open = false;
      announce('Added');
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }
  const submit = element('button', { type: 'submit', className: 'primary submit' }, 'Add');
  details.append(element('form', { onsubmit: add }, ids.node, problem, submit));
  return details;
}
