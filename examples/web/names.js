/** @import { User } from './types.ts' */
import { element } from './dom.js';

/** @param {Pick<User, 'username' | 'displayName'> & { username?: string }} person */
export function nameOf({ displayName, username }) {
  return displayName ?? username ?? 'Somebody';
}

const SHADES = 6;

/** Initials on one of a few colours; decoration only, for the name stands beside it. @param {User} person @param {string} [size] */
export function avatar(person, size = '') {
  const name = nameOf(person);
  const initials = name
    .split(/\s+/)
    .slice(0, 2)
    .map((word) => word.slice(0, (word.codePointAt(0) ?? 0) > 0xffff ? 2 : 1))
    .join('')
    .toUpperCase();
  const shade =
    Array.from(person.id, (letter) => letter.charCodeAt(0)).reduce((sum, code) => sum + code, 0) % SHADES;
  return element(
    'span',
    { className: `avatar ${size}`, 'data-shade': shade, 'aria-hidden': 'true' },
    initials,
  );
}

const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const DAY = new Intl.DateTimeFormat(undefined, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});

/** The time of day; the day, too, when it is another. @param {string} instant ISO 8601 */
export function time(instant) {
  const at = new Date(instant);
  const isToday = at.toDateString() === new Date().toDateString();
  return element('time', { dateTime: instant }, (isToday ? CLOCK : DAY).format(at));
}
