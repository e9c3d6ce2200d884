import { logIn, register } from '../api.js';
import { element, field } from '../dom.js';

/** @param {(session: import('../api.js').Session) => void} entered */
export function signIn(entered) {
  return element(
    'main',
    { className: 'door', id: 'stage', tabIndex: -1 },
    element(
      'div',
      {},
      element('p', { className: 'brand' }, element('img', { src: 'icon.svg', alt: '' }), 'Causeway'),
      element('h1', {}, 'One room, every dialect of your clients'),
      element(
        'p',
        { className: 'lead' },
        'A stock socket.io-client, on API Gateway, Lambda and DynamoDB. Sign up in two tabs, open a room, and see what each vocabulary says about it.',
      ),
      element(
        'ul',
        { className: 'facts' },
        element('li', {}, 'Polling first, then the upgrade to WebSocket'),
        element('li', {}, 'Typing, receipts, presence, notifications'),
        element('li', {}, 'Lost connections recover what they missed'),
      ),
    ),
    forms(entered),
  );
}

/** @param {(session: import('../api.js').Session) => void} entered */
function forms(entered) {
  const card = element('section', { className: 'card', 'aria-labelledby': 'form-title' });
  /** @param {boolean} isNew */
  const show = (isNew) => {
    const other = element(
      'button',
      { type: 'button', className: 'quiet' },
      isNew ? 'I have an account' : 'Create an account',
    );
    other.addEventListener('click', () => {
      show(!isNew);
      card.querySelector('input')?.focus();
    });
    card.replaceChildren(form(isNew, entered), other);
  };
  show(true);
  return card;
}

/** @param {boolean} isNew @param {(session: import('../api.js').Session) => void} entered */
function form(isNew, entered) {
  const username = field({
    id: 'username',
    label: 'User name',
    autocomplete: 'nickname',
    required: true,
    maxLength: 64,
  });
  const email = field({
    id: 'email',
    label: 'E-mail',
    type: 'email',
    autocomplete: 'username',
    required: true,
  });
  const password = field({
    id: 'password',
    label: 'Password',
    type: 'password',
    autocomplete: isNew ? 'new-password' : 'current-password',
    required: true,
    ...(isNew && { minLength: 8, hint: 'At least 8 characters.' }),
  });
  const problem = element('p', { className: 'problem', role: 'alert' });
  const submit = element(
    'button',
    { type: 'submit', className: 'primary submit' },
    isNew ? 'Sign up' : 'Log in',
  );

  /** @param {SubmitEvent} event */
  async function send(event) {
    event.preventDefault();
    submit.disabled = true;
    problem.textContent = '';
    const known = { email: email.input.value.trim(), password: password.input.value };
    try {
      entered(await (isNew ? register({ ...known, username: username.input.value.trim() }) : logIn(known)));
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error);
    } finally {
      submit.disabled = false;
    }
  }
  return element(
    'form',
    { onsubmit: send },
    element('h2', { id: 'form-title' }, isNew ? 'Sign up' : 'Log in'),
    isNew && username.node,
    email.node,
    password.node,
    problem,
    submit,
  );
}
