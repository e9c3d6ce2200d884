import type { Millis, User } from '../../domain/entities.ts';
import type { Email, UserId } from '../../domain/ids.ts';
import { idIn, key, type Key } from './keys.ts';
import type { Row } from './write.ts';

/** USER#u / PROFILE. `lastConnectAt` is written by sessions.admit only. */
export interface ProfileRow extends Key {
  readonly username: string;
  readonly email?: Email;
  readonly displayName?: string;
  readonly role?: string;
  readonly createdAt: Millis;
  readonly lastConnectAt?: Millis;
}

export function profileRow(user: User): Row {
  return { ...key.profile(user.id), ...profileAttributes(user) };
}

/** Everything but the key; absent fields stay absent. */
export function profileAttributes(user: User): Readonly<Record<string, unknown>> {
  const { username, email, displayName, role, createdAt } = user;
  return { username, email, displayName, role, createdAt };
}

export function userOf(row: ProfileRow): User {
  return {
    id: idIn(row.pk) as UserId,
    username: row.username,
    ...(row.email === undefined ? {} : { email: row.email }),
    ...(row.displayName === undefined ? {} : { displayName: row.displayName }),
    ...(row.role === undefined ? {} : { role: row.role }),
    createdAt: row.createdAt,
  };
}
