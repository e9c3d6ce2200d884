import type { EnginePacket } from '../../lambdas/ports/socketio.ts';
import type { Outlet } from '../types.ts';

export interface BufferedOutlet extends Outlet {
  /** What was not flushed, once everything flushed has been sent. */
  rest(): Promise<readonly EnginePacket[]>;
}

/**
 * Collects what the application sends. It leaves at the end of the run, when the session's changes are stored; the runtime
 * flushes earlier when the application is slow or waits for its client, having stored them itself.
 *
 * @param send called with one batch after another. A rejection reaches whoever flushes next, or asks for the rest.
 */
export function createOutlet(send: (packets: readonly EnginePacket[]) => Promise<void>): BufferedOutlet {
  let buffer: EnginePacket[] = [];
  let sent: Promise<void> = Promise.resolve();
  return {
    write(packets) {
      buffer.push(...packets);
    },
    flush() {
      const packets = buffer;
      buffer = [];
      if (packets.length > 0) sent = sent.then(() => send(packets));
      return sent;
    },
    async rest() {
      await sent;
      return buffer;
    },
  };
}
