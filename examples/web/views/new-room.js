/** @import { Context } from './workspace.js' */
import { announce, element, field } from '../dom.js';

/** Ids as people paste them. @param {string} text */
export function idsIn(text) {
  return text.split(/[\s,;]+/).filter((id) => id !== '');
}

/** @param {Context} context */
export function newRoom({ store, chat }) {
  const name = field({ id: 'room-name', label: 'Name', maxLength: 100, required: true });
  const invite = field({
    id: 'room-people',
    label: 'Invite',
    hint: 'Ids of others, separated by spaces.',
    spellcheck: false,
  });
  const problem = element('p', { className: 'problem', role: 'alert' });
  const details = element('details', {}, element('summary', {}, 'New room'));

  /** @param {SubmitEvent} event */
  async function create(event) {
    event.preventDefault();
    problem.textContent = '';
    try {
      await chat.create(name.input.value.trim() || undefined, idsIn(invite.input.value));
      /** @type {HTMLFormElement} */ (event.target).reset();
      details.open = false;
      document.getElementById('message')?.focus();
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    }
  }
  const submit = element('button', { type: 'submit', className: 'primary submit' }, 'Create room');
  details.append(element('form', { onsubmit: create }, name.node, invite.node, problem, submit));
  return element('div', { className: 'new-room' }, details, ownId(store.state.user.id));
}

/** @param {string} id */
function ownId(id) {
  const copy = element(
    'button',
    { type: 'button', className: 'quiet', 'aria-label': 'Copy your id' },
    'Copy',
  );
  copy.addEventListener('click', () => {
    navigator.clipboard.writeText(id).then(
      () => announce('Your id is copied'),
      () => announce('The browser did not let the page copy; select the id instead'),
    );
  });
  return element('p', { className: 'own-id' }, 'Your id ', element('code', { id: 'own-id' }, id), copy);
}
