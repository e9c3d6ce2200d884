import type { Millis } from '../../lambdas/domain/entities.ts';
import type { UserId } from '../../lambdas/domain/ids.ts';
import type { Host } from './deps.ts';

/** Whether a user has a session besides this one, of any device and protocol. One round of calls. */
export async function isElsewhere(
  { deps, namespaces }: Pick<Host, 'deps' | 'namespaces'>,
  userId: UserId,
  { sid, at }: { readonly sid: string; readonly at: Millis },
): Promise<boolean> {
  const [sessions, ...found] = await Promise.all([
    deps.sessions.ofUser(userId, at),
    ...namespaces.map((nsp) => deps.sockets.list({ nsp, room: userId }, at)),
  ]);
  return sessions.length > 0 || found.flat().some((entry) => entry.sid !== sid);
}
