import type { UserStore } from '../../ports/stores.ts';
import type { User } from '../../domain/entities.ts';
import type { UserId } from '../../domain/ids.ts';
import type { State } from './state.ts';

export function createUserStore({ users, accounts, presence }: State): UserStore {
  const get = (userId: UserId): User | undefined => {
    const user = users.get(userId);
    if (user === undefined) return undefined;
    const { stage, lastSeenAt } = presence.get(userId) ?? {};
    return {
      ...user,
      ...(stage === 'online' || stage === 'arriving' ? { isOnline: true } : {}),
      ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
    };
  };
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
      return get(userId);
    },
    async getMany(userIds) {
      return [...new Set(userIds)].flatMap((userId) => get(userId) ?? []);
    },
  };
}
