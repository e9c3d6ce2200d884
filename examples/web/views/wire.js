/** @import { Context } from './workspace.js' */
import { DIALECTS } from '../dialects/all.js';
import { element } from '../dom.js';
import { keyedList } from '../keyed-list.js';

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });

/** The dialect the room is seen in, and what crosses the wire in it. @param {Context} context */
export function wire(context) {
  const list = element('ol', { 'aria-label': 'Events, newest first' });
  const none = element('p', { className: 'empty' }, 'Nothing has crossed the wire yet.');
  context.store.watch(['wire'], ({ wire: entries }) => {
    none.hidden = entries.length > 0;
    keyedList(list, entries, { key: ({ number }) => String(number), create: entry });
  });
  return element(
    'aside',
    { className: 'wire', 'aria-label': 'As each dialect sees it' },
    dialectSwitch(context),
    element('div', { className: 'log', tabIndex: 0, role: 'region', 'aria-label': 'Raw events' }, none, list),
  );
}

/** @param {Context} context */
function dialectSwitch({ store, chat }) {
  const about = element('p', { className: 'about', role: 'status' });
  const options = Object.values(DIALECTS).map(({ id, title }) =>
    element(
      'label',
      {},
      element('input', {
        type: 'radio',
        name: 'dialect',
        value: id,
        checked: id === store.state.dialect,
        onchange: () => chat.speak(id),
      }),
      title,
    ),
  );
  store.watch(['dialect', 'isListening'], ({ dialect, isListening }) => {
    about.textContent = isListening ? DIALECTS[dialect].about : `Connecting in ${DIALECTS[dialect].title} …`;
  });
  return element(
    'fieldset',
    { className: 'switch' },
    element('legend', {}, 'See and speak this room in'),
    element('div', { className: 'options' }, ...options),
    about,
  );
}

/** @param {import('../types.ts').WireEntry} entry */
function entry({ direction, event, payload, at }) {
  return element(
    'li',
    { 'data-direction': direction },
    element(
      'div',
      { className: 'line' },
      element('span', { className: 'direction' }, direction === 'in' ? 'received' : 'sent'),
      element('span', { className: 'event' }, event),
      element('time', { dateTime: at.toISOString() }, CLOCK.format(at)),
    ),
    element('pre', {}, JSON.stringify(payload, null, 1)?.replaceAll(/\n\s*/g, ' ') ?? ''),
  );
}
