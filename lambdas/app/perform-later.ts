import type { ConnectionId } from '../domain/ids.ts';
import type { Millis } from '../domain/entities.ts';
import type { LaterTask } from '../ports/later.ts';
import type { EngineId, EngineSessionStore } from '../ports/socketio.ts';
import { announcePresence } from './announce-presence.ts';
import type { Deps } from './deps.ts';
import { setTyping } from './set-typing.ts';
import type { TypingState } from './typing-state.ts';

export type LaterDeps = Pick<
  Deps,
  'rooms' | 'members' | 'sessions' | 'gateway' | 'dialects' | 'audience' | 'log'
> & { readonly engineSessions: Pick<EngineSessionStore, 'get'>; readonly now: () => Millis };

/**
 * What was put off, now that its time has come. Looks at the state of now, so that it may come late, twice, or in vain.
 * Rejects with CausewayError('unavailable'): worth another attempt.
 */
export async function performLater(deps: LaterDeps, task: LaterTask): Promise<void> {
  switch (task.kind) {
    case 'typing.expire':
      return expireTyping(deps, task);
    case 'presence.settle':
      return settlePresence(deps, task);
  }
}

/** Nothing is written: a note of typing counts for ten seconds only. */
async function expireTyping(
  deps: LaterDeps,
  { sid, namespace, roomId, startedAt }: Extract<LaterTask, { kind: 'typing.expire' }>,
): Promise<void> {
  const session = await deps.engineSessions.get(sid as EngineId);
  const socket = session?.closed === undefined ? session?.sockets[namespace] : undefined;
  // Whoever has left was noticed then.
  if (socket === undefined) return;
  const person = JSON.parse(socket.data) as TypingState & Typist;
  if (person.typing?.[roomId] !== startedAt) return;
  const { userId: id, username } = person;
  const actor = { id, username, connectionId: socket.id as ConnectionId };
  await setTyping(deps, { actor, roomId, isTyping: false, at: deps.now(), proven: true });
}

interface Typist {
  readonly userId: Parameters<typeof setTyping>[1]['actor']['id'];
  readonly username: string;
}

async function settlePresence(
  deps: LaterDeps,
  { userId, username, at }: Extract<LaterTask, { kind: 'presence.settle' }>,
): Promise<void> {
  const now = deps.now();
  const [sockets, sessions] = await Promise.all([
    deps.audience.ofUser(userId, now),
    deps.sessions.ofUser(userId, now),
  ]);
  if (sockets.size > 0 || sessions.length > 0) return;
  await announcePresence(deps, { userId, username, isOnline: false, at });
}
