import type { ConnectionId } from '../domain/ids.ts';
import type { LaterTask } from '../ports/later.ts';
import type { EngineId, EngineSessionStore } from '../ports/socketio.ts';
import { setTyping } from './set-typing.ts';
import { settlePresence, type SettleDeps } from './settle-presence.ts';
import type { TypingState } from './typing-state.ts';

export interface LaterDeps extends SettleDeps {
  readonly engineSessions: Pick<EngineSessionStore, 'get'>;
}

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

/**
 * Nothing is written: a note of typing counts for ten seconds only. Whoever has left was noticed then, unless it was so soon that
 * the note was not stored; the others are told once too often rather than never.
 */
async function expireTyping(
  deps: LaterDeps,
  task: Extract<LaterTask, { kind: 'typing.expire' }>,
): Promise<void> {
  const { sid, namespace, roomId, startedAt, userId, username } = task;
  const session = await deps.engineSessions.get(sid as EngineId);
  const socket = session?.sockets[namespace];
  const since = socket === undefined ? undefined : (JSON.parse(socket.data) as TypingState).typing?.[roomId];
  const isHere = socket !== undefined && session?.closed === undefined;
  const isNoted = since === startedAt;
  // Here it types on, has stopped, or is silent; of one that left it was told if it was noted.
  if (isHere !== isNoted) return;
  const actor = { id: userId, username, connectionId: (socket?.id ?? sid) as ConnectionId };
  await setTyping(deps, { actor, roomId, isTyping: false, at: deps.now(), proven: true });
}
