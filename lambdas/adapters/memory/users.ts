import type { UserStore } from '../../ports/stores.ts';
import type { State } from './state.ts';

export function createUserStore({ users, accounts }: State): UserStore {
  return {
    async register(user, passwordHash) {
      if (accounts.has(user.email)) return 'email-taken';
      accounts.set(user.email, { userId: user.id, passwordHash });
      users.set(user.id, user);
      return 'created';
    },
    async account(email) {
      return accounts.get(email);
    },
    async get(userId) {
      return users.get(userId);
    },
    async getMany(userIds) {
      return [...new Set(userIds)].flatMap((userId) => users.get(userId) ?? []);
    },
  };
}
