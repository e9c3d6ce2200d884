import type { Command } from '../domain/commands.ts';
import type { Actor, Arrival } from '../domain/entities.ts';
import { CausewayError } from '../domain/errors.ts';
import type { Reply } from '../domain/events.ts';
import { isTokenExpired } from '../domain/token-expiry.ts';
import type { Deps } from './deps.ts';
import { joinRoom } from './join-room.ts';
import { leaveRoom } from './leave-room.ts';
import { markRead } from './mark-read.ts';
import { readHistory } from './read-history.ts';
import { resume, type Pause } from './resume.ts';
import { sendMessage } from './send-message.ts';
import { setTyping } from './set-typing.ts';

export type CommandDeps = Pick<
  Deps,
  | 'rooms'
  | 'messages'
  | 'notifications'
  | 'members'
  | 'sessions'
  | 'gateway'
  | 'audience'
  | 'dialects'
  | 'log'
  | 'memo'
> & { readonly pause?: Pause };

export interface CommandInput {
  readonly actor: Actor;
  readonly arrival: Arrival;
  readonly command: Command;
}

/**
 * Executes what a client asked for over a connection and answers it. Rejects with `token_expired` when the token ran
 * out since $connect, else with what the use case rejects with.
 */
export async function handleCommand(deps: CommandDeps, input: CommandInput): Promise<Reply> {
  if (isTokenExpired(input.actor.tokenExpiresAt, input.arrival.at)) {
    throw new CausewayError('token_expired', 'Token expired.');
  }
  return dispatch(deps, input);
}

async function dispatch(deps: CommandDeps, { actor, arrival, command }: CommandInput): Promise<Reply> {
  const { at } = arrival;
  const { id: userId, connectionId } = actor;
  switch (command.kind) {
    case 'room.join':
      return { ...(await joinRoom(deps, { actor, roomId: command.roomId, at })), at };
    case 'room.leave':
      return leaveRoom(deps, { actor, roomId: command.roomId });
    case 'message.send':
      return sendMessage(deps, { actor, arrival, command });
    case 'typing.set':
      return setTyping(deps, { actor, roomId: command.roomId, isTyping: command.isTyping, at });
    case 'message.read':
      return markRead(deps, { userId, connectionId, command, at });
    case 'history.read':
      return readHistory(deps, { userId, command });
    case 'session.resume':
      return resume(deps, { actor, command, at });
    case 'ping':
      return { kind: 'pong', at };
  }
}
