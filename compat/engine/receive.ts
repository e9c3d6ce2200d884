import { CausewayError } from '../../lambdas/domain/errors.ts';
import type { EngineSession } from '../../lambdas/ports/socketio.ts';
import type { Message } from '../types.ts';
import { assemble, type Piece } from './attachments.ts';
import type { Engine } from './deps.ts';

export type Received =
  | {
      readonly session: EngineSession;
      readonly messages: readonly Message[];
      /** What came after the messages is no protocol: the session ends with them. */
      readonly invalid: boolean;
    }
  | 'closed';

/** Frames of one socket that change the queue of attachments at once; each of them gets through in its turn. */
const ATTEMPTS = 20;

/**
 * Whole messages out of pieces. What has to wait for its attachments is kept in the session: a write that succeeds only if
 * nobody changed the queue meanwhile, so that a message is completed by exactly one invocation. Text alone costs nothing.
 */
export async function receive(
  { stores }: Engine,
  session: EngineSession,
  pieces: readonly Piece[],
): Promise<Received> {
  const order = session.transport === 'polling' ? 'strict' : 'loose';
  let current: EngineSession | undefined = session;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (current === undefined || current.closed !== undefined) return 'closed';
    const assembled = assemble(current.partial, pieces, order);
    const { partial, messages, invalid } = assembled;
    const stored =
      sameTexts(partial, current.partial) ||
      (await stores.sessions.setPartial(session.sid, current.partial, partial)) === 'stored';
    if (stored) return { session: current, messages, invalid };
    current = await stores.sessions.get(session.sid);
  }
  throw new CausewayError('unavailable', 'Too many attachments at once');
}

function sameTexts(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}
