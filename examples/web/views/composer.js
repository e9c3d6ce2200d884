/** @import { Context } from './workspace.js' */
import { element } from '../dom.js';

/** Enter sends, Shift+Enter begins a new line. @param {Context} context */
export function composer({ chat }) {
  const text = element('textarea', {
    id: 'message',
    rows: 1,
    maxLength: 10_000,
    placeholder: 'Write a message',
  });
  const send = element('button', { type: 'submit', className: 'primary' }, 'Send');

  async function submit() {
    const content = text.value.trim();
    if (content === '' || send.disabled) return;
    send.disabled = true;
    try {
      await chat.send(content);
      text.value = '';
      fit();
    } catch {
      // What was written stays, and the room says why it was not sent.
    } finally {
      send.disabled = false;
    }
  }
  function fit() {
    text.style.height = 'auto';
    text.style.height = `${text.scrollHeight + 2}px`;
  }
  text.addEventListener('input', () => {
    fit();
    if (text.value !== '') chat.typed();
  });
  text.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    void submit();
  });
  return element(
    'form',
    {
      className: 'composer',
      onsubmit: (/** @type {SubmitEvent} */ event) => {
        event.preventDefault();
        void submit();
      },
    },
    element(
      'div',
      { className: 'field' },
      element('label', { for: 'message', className: 'unseen' }, 'Message'),
      text,
    ),
    send,
  );
}
