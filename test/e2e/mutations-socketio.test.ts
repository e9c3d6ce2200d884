import { describe } from 'vitest';
import { testMutations } from '../support/mutated.ts';

// A file of its own, so that both halves run at once.
describe('Socket.IO with one thing missing from its template fails, and says what', () =>
  testMutations('socketIo'));
