/**
 * Rules for the texts of accounts and rooms. Total: a value, or what is wrong with it, completing the sentence "<field> …".
 * Lengths are UTF-16 code units, as `string.length` counts in a browser.
 */
import { ACCOUNT, CHAT } from '../manifest/limits.ts';
import type { Email } from './ids.ts';
import type { Result } from './result.ts';
import { fail, ok } from './result.ts';

type Checked<T = string> = Result<T, string>;

/** Control characters break logs and terminals; half a surrogate pair cannot be stored as UTF-8. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u;

/**
 * Plain ASCII addresses: dot-separated atoms (RFC 5322 `dot-atom`), two or more DNS labels. Without `#` and `/`, which
 * separate keys and paths. Matched before lower-casing, so that no exotic letter folds into somebody else's address.
 */
const ATOM = "[A-Za-z0-9!$%&'*+=?^_`{|}~-]+";
const LABEL = '[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?';
const EMAIL = new RegExp(`^(?=[^@]{1,64}@)${ATOM}(?:\\.${ATOM})*@(?:${LABEL}\\.)+(?=[A-Za-z])${LABEL}$`);

export function checkEmail(input: unknown): Checked<Email> {
  if (typeof input !== 'string') return fail('must be a string');
  const email = input.trim();
  return email.length <= ACCOUNT.emailChars && EMAIL.test(email)
    ? ok(email.toLowerCase() as Email)
    : fail('must be an e-mail address');
}

/** Any characters, spaces included: a rule about them would only make passwords easier to guess. Never trimmed. */
export function checkPassword(input: unknown): Checked {
  if (typeof input !== 'string') return fail('must be a string');
  const { passwordMinChars: min, passwordMaxChars: max } = ACCOUNT;
  return input.length >= min && input.length <= max
    ? ok(input)
    : fail(`must be ${min} to ${max} characters long`);
}

export function checkUsername(input: unknown): Checked {
  return checkName(input, ACCOUNT.usernameChars);
}

export function checkDisplayName(input: unknown): Checked {
  return checkName(input, ACCOUNT.displayNameChars);
}

export function checkRoomName(input: unknown): Checked {
  return checkName(input, CHAT.roomNameChars);
}

/**
 * Message text. Whitespace alone is allowed: the contracts promise 1 to 10,000 characters and nothing about which, and a
 * text that is trimmed or judged is not the text that was typed. Only the empty string says nothing.
 */
export function checkContent(input: unknown): Checked {
  if (typeof input !== 'string') return fail('must be a string');
  return input.length >= 1 && input.length <= CHAT.contentChars
    ? ok(input)
    : fail(`must be 1 to ${CHAT.contentChars} characters long`);
}

/** A name is shown on one line: trimmed, not empty, nothing invisible that could break the line. */
function checkName(input: unknown, maxChars: number): Checked {
  if (typeof input !== 'string') return fail('must be a string');
  const name = input.trim();
  if (name.length < 1 || name.length > maxChars) return fail(`must be 1 to ${maxChars} characters long`);
  return UNPRINTABLE.test(name) ? fail('must not hold control characters') : ok(name);
}
