import { expect, it } from 'vitest';

import { arrived } from '../../../compat/engine/arrived.ts';

const messages = ['a', 'b', 'c'].map((text) => ({ text, attachments: [] }));

it('names the messages of one request by its id and their place in it, later ones later', () => {
  const named = arrived(messages, { requestId: 'r', at: 1000 });
  expect(named.map(({ arrival }) => arrival)).toEqual([
    { at: 1000, requestId: 'r' },
    { at: 1001, requestId: 'r.1' },
    { at: 1002, requestId: 'r.2' },
  ]);
  expect(arrived(messages, { requestId: 'r', at: 1000 })).toEqual(named);
});

it('leaves messages nameless of which nobody knows when they came', () => {
  expect(arrived(messages, { requestId: undefined, at: 1000 })).toBe(messages);
  expect(arrived(messages, { requestId: 'r', at: 0 })).toBe(messages);
});
