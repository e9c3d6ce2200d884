import { describe, expect, test } from 'vitest';
import type { Stores } from '../../lambdas/adapters/dynamodb/dynamo-stores.ts';
import type { Email } from '../../lambdas/domain/ids.ts';
import { NOW, race, someUser, someUserId, sorted } from './data.ts';

export function userStoreContract(stores: () => Stores): void {
  describe('UserStore', () => {
    test('a registered user has an account and a profile with every field', async () => {
      const user = someUser({ displayName: 'Anna 🦊', role: 'freelance' });

      expect(await stores().users.register(user, '$scrypt$x')).toBe('created');

      expect(await stores().users.account(user.email)).toEqual({
        userId: user.id,
        passwordHash: '$scrypt$x',
      });
      expect(await stores().users.get(user.id)).toEqual(user);
    });

    test('absent optional fields stay absent', async () => {
      const user = someUser();
      await stores().users.register(user, 'h');
      expect(Object.keys((await stores().users.get(user.id)) ?? {}).toSorted()).toEqual([
        'createdAt',
        'email',
        'id',
        'username',
      ]);
    });

    test('unknown users and addresses are undefined', async () => {
      expect(await stores().users.get(someUserId())).toBeUndefined();
      expect(await stores().users.account('nobody@example.org' as Email)).toBeUndefined();
    });

    test('a taken address leaves nothing of the second registration behind', async () => {
      const first = someUser();
      const second = someUser({ email: first.email });
      await stores().users.register(first, 'first');

      expect(await stores().users.register(second, 'second')).toBe('email-taken');

      expect(await stores().users.get(second.id)).toBeUndefined();
      expect(await stores().users.account(first.email)).toEqual({ userId: first.id, passwordHash: 'first' });
    });

    test('of 50 racing registrations of one address exactly one wins and only its profile stays', async () => {
      const email = someUser().email;
      const users = Array.from({ length: 50 }, () => someUser({ email }));

      const outcomes = await race(50, (n) => stores().users.register(users[n] ?? someUser(), `hash ${n}`));

      const winner = users[outcomes.indexOf('created')];
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
      expect((await stores().users.account(email))?.userId).toBe(winner?.id);
      expect(await stores().users.getMany(users.map(({ id }) => id))).toEqual([winner]);
    });

    test('getMany finds more users than one batch holds, each once, and leaves out the unknown', async () => {
      const users = await race(130, async () => {
        const user = someUser();
        await stores().users.register(user, 'h');
        return user;
      });
      const ids = users.map(({ id }) => id);

      const found = await stores().users.getMany([...ids, ...ids.slice(0, 10), someUserId()]);

      expect(sorted(found.map(({ id }) => id))).toEqual(sorted(ids));
      expect(await stores().users.getMany([])).toEqual([]);
    });
  });
}

export function admissionContract(stores: () => Stores): void {
  describe('SessionStore.admit', () => {
    test('must-exist refuses an unknown user and creates nothing', async () => {
      const user = someUser();
      expect(await stores().sessions.admit(user, 'must-exist', NOW)).toBe('missing');
      expect(await stores().users.get(user.id)).toBeUndefined();
    });

    test('must-exist admits a registered user and keeps the profile', async () => {
      const user = someUser({ displayName: 'Anna' });
      await stores().users.register(user, 'h');
      expect(await stores().sessions.admit({ ...user, username: 'other' }, 'must-exist', NOW)).toBe('away');
      expect(await stores().users.get(user.id)).toEqual(user);
    });

    test('create stores the profile of a user seen for the first time', async () => {
      const user = someUser({ role: 'admin' });
      expect(await stores().sessions.admit(user, 'create', NOW)).toBe('away');
      expect(await stores().users.get(user.id)).toEqual(user);
    });

    test('create never changes what is stored', async () => {
      const user = someUser({ displayName: 'Anna', role: 'user' });
      await stores().sessions.admit(user, 'create', NOW);
      const later = { ...user, username: 'other', displayName: 'Other', role: 'admin', createdAt: NOW + 1 };
      expect(await stores().sessions.admit(later, 'create', NOW + 1)).toBe('away');
      expect(await stores().users.get(user.id)).toEqual(user);
    });
  });
}
