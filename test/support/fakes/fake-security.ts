import type { PasswordHasher, TokenIssuer } from '../../../lambdas/ports/security.ts';

export interface FakeHasher extends PasswordHasher {
  /** What it was asked, in order: the work it would have done. */
  readonly work: string[];
}

/** Hashes to `hash(<password>)`, at once. */
export function createFakeHasher(): FakeHasher {
  const work: string[] = [];
  return {
    work,
    async hash(password) {
      work.push('hash');
      return `hash(${password})`;
    },
    async verify(password, hash) {
      work.push('verify');
      return hash === `hash(${password})`;
    },
  };
}

export function createFakeIssuer(): TokenIssuer {
  return { issue: async (user) => `token of ${user.id}` };
}
