import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import {
  checkContent,
  checkDisplayName,
  checkEmail,
  checkPassword,
  checkRoomName,
  checkUsername,
} from '../../lambdas/domain/text-rules.ts';

const value = <T>(result: { ok: boolean; value?: T }): T | undefined => result.value;

describe('e-mail addresses', () => {
  test.each([
    ['anna@example.com', 'anna@example.com'],
    [' Anna.Nowak+chat@Mail.Example.CO.UK\t', 'anna.nowak+chat@mail.example.co.uk'],
    ["o'neil_1@x-y.example", "o'neil_1@x-y.example"],
    [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
    ['a@xn--bcher-kva.xn--p1ai', 'a@xn--bcher-kva.xn--p1ai'],
  ])('%s is stored as %s', (input, stored) => {
    expect(value(checkEmail(input))).toBe(stored);
  });

  test.each([
    ['anna'],
    ['@example.com'],
    ['anna@'],
    ['anna@localhost'],
    ['anna@example..com'],
    ['anna@-example.com'],
    ['anna@example-.com'],
    ['anna@example.1'],
    ['.anna@example.com'],
    ['an..na@example.com'],
    ['anna.@example.com'],
    ['an na@example.com'],
    ['anna@exa mple.com'],
    ['anna@@example.com'],
    ['an#na@example.com'],
    ['an/na@example.com'],
    ['anna@example.com#x'],
    ['"anna"@example.com'],
    ['änna@example.com'],
    ['anna@example.com\n'.repeat(2)],
    [`${'a'.repeat(65)}@example.com`],
    [`anna@${'a'.repeat(64)}.com`],
    [`anna@${'a.'.repeat(130)}com`],
    [''],
    [undefined],
    [['anna@example.com']],
  ])('%j is refused', (input) => {
    expect(checkEmail(input).ok).toBe(false);
  });

  test('a letter that folds into an ASCII one does not become somebody else’s address', () => {
    expect('\u212A'.toLowerCase()).toBe('k');
    expect(checkEmail('\u212Aate@example.com').ok).toBe(false);
  });

  test('whatever is accepted is accepted again unchanged, and fast', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.emailAddress(),
          fc.string(),
          fc.string().map((s) => `${s}@${s}.com`),
        ),
        (input) => {
          const email = value(checkEmail(input));
          fc.pre(email !== undefined);
          expect(value(checkEmail(email))).toBe(email);
          expect(email).toMatch(/^[^\s#/@]+@[^\s#/@]+$/);
        },
      ),
    );
    // Backtracking would take seconds here, and the test would time out.
    expect(checkEmail(`${'a.'.repeat(100)}@${'a-'.repeat(60)}`).ok).toBe(false);
  });
});

describe('passwords', () => {
  test.each(['12345678', 'x'.repeat(256), '        ', 'pässwörd', '  12345678  '])(
    '%j is kept as it is',
    (input) => {
      expect(value(checkPassword(input))).toBe(input);
    },
  );
  test.each(['1234567', 'x'.repeat(257), '', 12_345_678, null])('%j is refused', (input) => {
    expect(checkPassword(input).ok).toBe(false);
  });
});

describe.each([
  ['usernames', checkUsername, 64],
  ['display names', checkDisplayName, 128],
  ['room names', checkRoomName, 200],
] as const)('%s', (_, check, max) => {
  test('are trimmed and may hold any letters', () => {
    expect(value(check('  Zoë Ńowak 🦊 '))).toBe('Zoë Ńowak 🦊');
    expect(value(check('x'.repeat(max)))).toBe('x'.repeat(max));
  });
  test.each(['', '   ', 'x'.repeat(max + 1), 'a\u0000b', 'a\nb', 'a\u2028b', 'a\ud800b', 7, null, {}])(
    '%j is refused',
    (input) => {
      expect(check(input).ok).toBe(false);
    },
  );
});

describe('message text', () => {
  test.each(['x', ' ', '\n', ' x ', '€'.repeat(10_000)])('is kept as typed', (input) => {
    expect(value(checkContent(input))).toBe(input);
  });
  test.each(['', 'x'.repeat(10_001), 1, null, ['x']])('empty, too long or no text is refused', (input) => {
    expect(checkContent(input).ok).toBe(false);
  });
});
