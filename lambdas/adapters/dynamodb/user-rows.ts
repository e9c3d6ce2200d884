import type { Millis, User } from '../../domain/entities.ts';
import type { Email, UserId } from '../../domain/ids.ts';
import { idIn, key, type Key } from './keys.ts';
import type { PresenceStage } from '../../domain/presence.ts';
import type { Presence } from '../../ports/presence.ts';
import type { Row } from './write.ts';

/** What the others were told of a user: stage, since when, the very write, and that of the entry in the list of those online. */
export interface PresenceMark {
  readonly s: PresenceStage;
  readonly a: Millis;
  readonly w: string;
  readonly m?: string;
}

/** USER#u / PROFILE. `lastConnectAt` and `connects` are written by sessions.admit only, `p` and `lastSeenAt` by presence.turn. */
export interface ProfileRow extends Key {
  readonly username: string;
  readonly email?: Email;
  readonly displayName?: string;
  readonly role?: string;
  readonly createdAt: Millis;
  readonly lastConnectAt?: Millis;
  readonly connects?: number;
  readonly p?: PresenceMark;
  readonly lastSeenAt?: Millis;
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
    ...(isMarkedOnline(row) ? { isOnline: true } : {}),
    ...(row.lastSeenAt === undefined ? {} : { lastSeenAt: row.lastSeenAt }),
  };
}

/** From the first of the others being told on. */
export function isMarkedOnline({ p }: Partial<Pick<ProfileRow, 'p'>>): boolean {
  return p?.s === 'online' || p?.s === 'arriving';
}

export function presenceOf(row: ProfileRow): Presence {
  const { username, p, lastConnectAt, lastSeenAt, connects = 0 } = row;
  return {
    userId: idIn(row.pk) as UserId,
    username,
    stage: p?.s ?? 'offline',
    since: p?.a ?? 0,
    version: p?.w ?? '',
    connects,
    ...(p?.m === undefined ? {} : { mark: p.m }),
    ...(lastConnectAt === undefined ? {} : { lastConnectAt }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
  };
}
