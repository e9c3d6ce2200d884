import { InDoubt } from '../domain/in-doubt.ts';
import type { PostOutcome } from '../ports/gateway.ts';
import type { EnginePacket } from '../ports/socketio.ts';

/** `partly`: some of the packets were sent. */
type InOrder = PostOutcome | 'partly';

/** Sends packets one after another; stops at the first that cannot be sent. Rejects, as `post`, only when none was. */
export async function deliverInOrder(
  packets: readonly EnginePacket[],
  post: (packet: EnginePacket) => Promise<PostOutcome>,
): Promise<InOrder> {
  let sent = 0;
  try {
    for (const packet of packets) {
      const outcome = await post(packet);
      if (outcome === 'throttled' && sent > 0) return 'partly';
      if (outcome !== 'sent') return outcome;
      sent += 1;
    }
    return 'sent';
  } catch (error) {
    if (sent > 0) return 'partly';
    throw error;
  }
}

/** As a write that is not repeatable; what it rejects with says that it may have been done all the same. */
export async function orInDoubt<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    throw new InDoubt(error);
  }
}
