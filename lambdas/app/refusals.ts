import { findFault } from '../domain/command-rules.ts';
import type { Command } from '../domain/commands.ts';
import { CausewayError } from '../domain/errors.ts';

/** One answer for "no such room" and "not in it", so that rooms cannot be enumerated. */
export function notParticipant(): CausewayError {
  return new CausewayError('not_participant', 'No such room, or you are not a participant of it.');
}

/** `problem` completes the sentence "<field> …". */
export function invalidField(field: string, problem: string): CausewayError {
  return new CausewayError('invalid_field', `${field} ${problem}.`, { field });
}

/** Ids of users are not secret, but which of them exist is nobody's business: names none. */
export function unknownUsers(field: string): CausewayError {
  return new CausewayError('invalid_field', `${field} must name existing users.`, { field });
}

/** The gate of every use case that takes a command: rejects what domain/command-rules.ts finds wrong with it. */
export function requireSound(command: Command): void {
  const fault = findFault(command);
  if (fault !== undefined) throw new CausewayError(fault.code, fault.message, fault);
}
