import type { Message } from '../domain/entities.ts';
import { TELLING } from '../manifest/limits.ts';
import { broadcast, type Broadcast } from './broadcast.ts';
import type { Deps } from './deps.ts';
import type { FanOutDeps } from './fan-out.ts';
import { HANDED_OVER } from './tell-everybody.ts';

export type AnnounceMessageDeps = FanOutDeps & Pick<Deps, 'messages' | 'clock'>;

/**
 * Tells a room of a message that has been stored. When that took long (the gateway was busy, a recipient did not answer), it is
 * noted how long, for those who come back (Message.toldUntil); then, and only then, it costs one call more. Never rejects.
 */
export async function announceMessage(
  deps: AnnounceMessageDeps,
  message: Message,
  { live, at, ...rest }: Omit<Broadcast, 'event' | 'roomId'>,
): Promise<void> {
  const { roomId, id, createdAt, toldAt = createdAt } = message;
  const event = { kind: 'message.created', message } as const;
  const told = await broadcast(deps, { roomId, live, event, at, ...rest });
  // Whoever takes it over notes it, too.
  if (told === HANDED_OVER || deps.clock === undefined) return;
  const until = deps.clock.now();
  if (until - toldAt <= TELLING.skewMs) return;
  try {
    await deps.messages.late(roomId, id, until);
  } catch (error) {
    deps.log.warn('how late a message was told was not noted', { roomId, messageId: id, error });
  }
}
