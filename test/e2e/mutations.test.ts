import { describe, expect, test } from 'vitest';
import { MUTATIONS, testMutations } from '../support/mutated.ts';

test('there is something to take out of every kind, but no index', () => {
  // An index appears here the day the table has one, and must then be used by the scenario.
  const kinds = new Set(MUTATIONS.map(({ kind }) => kind));
  expect([...kinds].toSorted()).toEqual([
    'behaviour',
    'edge function',
    'edge key',
    'event rule',
    'event source',
    'invoke permission',
    'permission',
    'route',
    'schedule',
    'variable',
  ]);
});

describe('the chat with one thing missing from its template fails, and says what', () =>
  testMutations('chat'));
