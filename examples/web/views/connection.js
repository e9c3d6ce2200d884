/** @import { Context } from './workspace.js' */
import { element } from '../dom.js';

const PHASES = { connecting: 'Connecting …', connected: 'Connected', offline: 'Disconnected' };

/** How the page is connected: the steps of a stock client, and whether the server knew it again. @param {Context} context */
export function connection({ store, chat }) {
  const dot = element('span', { className: 'dot', 'aria-hidden': 'true' });
  const phase = element('span', { role: 'status' });
  const polling = element('li', {}, 'polling');
  const websocket = element('li', {}, 'websocket');
  const recovered = element('span', { className: 'recovered', role: 'status' });
  const cut = element(
    'button',
    { type: 'button', className: 'quiet', onclick: () => chat.cut() },
    'Cut the line',
  );
  store.watch(
    ['connection'],
    ({ connection: { phase: now, transport, upgraded, recovered: isRecovered } }) => {
      dot.dataset['state'] = now;
      phase.textContent = PHASES[now];
      polling.dataset['reached'] = String(upgraded || transport === 'polling');
      websocket.dataset['reached'] = String(transport === 'websocket');
      recovered.textContent = isRecovered ? 'recovered' : '';
      recovered.hidden = !isRecovered;
      cut.disabled = now !== 'connected';
    },
  );
  return element(
    'div',
    { className: 'connection', role: 'group', 'aria-label': 'Connection' },
    dot,
    phase,
    element('ol', { 'aria-label': 'Transport' }, polling, websocket),
    recovered,
    cut,
  );
}
