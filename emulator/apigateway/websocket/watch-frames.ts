import type { Duplex } from 'node:stream';
import { ENDINGS, type Connection } from './connection.ts';
import { createFrameInspector } from './frame-inspector.ts';

/** API Gateway quotas: "WebSocket frame size 32 KB", "Message payload size 128 KB". Both close with 1009. */
export const MAXIMUM_FRAME_BYTES = 32 * 1024;
export const MAXIMUM_MESSAGE_BYTES = 128 * 1024;

/**
 * Looks at the frames of a connection before `ws` does. `accept` is to be asked once per message that `ws` delivers:
 * messages in front of a frame that is too large count, those behind it don't.
 */
export function watchFrames(
  socket: Duplex,
  connection: Connection,
  closing: () => void,
): { accept(): boolean } {
  let delivered = 0;
  let acceptable = Infinity;
  const inspect = createFrameInspector({
    maximumFrameBytes: MAXIMUM_FRAME_BYTES,
    tooLarge: (completeMessages) => {
      acceptable = completeMessages;
      if (delivered >= acceptable) connection.end(ENDINGS.tooLarge);
    },
    closing: () => {
      connection.closing();
      closing();
    },
  });
  socket.prependListener('data', inspect);
  return {
    accept: () => {
      delivered += 1;
      const accepted = delivered <= acceptable && connection.ending === undefined;
      // The refusal goes out after the message in front of it was taken.
      if (delivered === acceptable) queueMicrotask(() => connection.end(ENDINGS.tooLarge));
      return accepted;
    },
  };
}
