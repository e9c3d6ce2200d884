import { shardOf } from '../../domain/shard.ts';
import { SWEEP } from '../../manifest/limits.ts';
import type { OnlineUser, Presence, PresenceStore, Turn } from '../../ports/presence.ts';
import type { State } from './state.ts';

export function createPresenceStore(state: State): PresenceStore {
  const { users, presence, online } = state;
  let versions = 0;
  return {
    async get(userId) {
      const user = users.get(userId);
      if (user === undefined) return undefined;
      return { ...(presence.get(userId) ?? NEVER_ONLINE), userId, username: user.username };
    },
    async turn(was, next) {
      return turn(state, was, { ...next, version: `version ${++versions}` });
    },
    async *online(ring) {
      yield [...online.values()].filter(({ userId }) => shardOf(userId, SWEEP.rings) === ring);
    },
    async strike(user) {
      strike(state, user);
    },
  };
}

function turn(state: State, was: Presence, next: Turn & Pick<Presence, 'version'>): Presence | 'changed' {
  const { userId } = was;
  const { stage, at: since, version, lastSeenAt = was.lastSeenAt } = next;
  const isNew = stage === 'arriving' && was.stage !== 'arriving';
  const mark = isNew ? version : was.mark;
  if (isNew) state.online.set(userId, { userId, since, mark: version });
  const now = state.presence.get(userId) ?? NEVER_ONLINE;
  if (!state.users.has(userId) || now.version !== was.version) return 'changed';
  if (stage === 'leaving' && now.connects !== was.connects) return 'changed';
  const turned: Presence = {
    ...was,
    stage,
    since,
    version,
    ...(mark === undefined ? {} : { mark }),
    ...(lastSeenAt === undefined ? {} : { lastSeenAt }),
  };
  const { lastConnectAt, connects } = now;
  state.presence.set(userId, {
    ...turned,
    connects,
    ...(lastConnectAt === undefined ? {} : { lastConnectAt }),
  });
  if (stage === 'offline' && mark !== undefined) strike(state, { userId, mark });
  return turned;
}

function strike({ online }: State, { userId, mark }: Pick<OnlineUser, 'userId' | 'mark'>): void {
  if (online.get(userId)?.mark === mark) online.delete(userId);
}

export const NEVER_ONLINE: Omit<Presence, 'userId' | 'username'> = {
  stage: 'offline',
  since: 0,
  connects: 0,
  version: '',
};
