import type { HistoryCommand } from '../domain/commands.ts';
import type { Reply } from '../domain/events.ts';
import type { UserId } from '../domain/ids.ts';
import type { Deps } from './deps.ts';
import { findParticipant } from './participation.ts';
import { notParticipant, requireSound } from './refusals.ts';

/**
 * A page of messages, newest first, with the cursor of the next older page. One round of calls: the page is read while
 * the right is checked, and thrown away without it. Rejects with `invalid_field`, `not_participant`.
 */
export async function readHistory(
  deps: Pick<Deps, 'rooms' | 'messages'>,
  { userId, command }: { readonly userId: UserId; readonly command: HistoryCommand },
): Promise<Extract<Reply, { kind: 'history' }>> {
  requireSound(command);
  const { roomId, limit, before } = command;
  const [participant, page] = await Promise.all([
    findParticipant(deps, roomId, userId),
    deps.messages.history(roomId, { limit, ...(before === undefined ? {} : { before }) }),
  ]);
  if (participant === undefined) throw notParticipant();
  return { kind: 'history', roomId, ...page };
}
