import { describe } from 'vitest';
import { testMutations } from '../support/mutated.ts';

// A file of its own, so that all parts run at once.
describe('crowds with one thing missing from their template fail, and say what', () =>
  testMutations('crowd'));
