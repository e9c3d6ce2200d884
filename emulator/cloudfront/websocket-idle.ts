import type { Duplex } from 'node:stream';
import type { Clock } from '../types.ts';

/** "WebSocket connections: 10 minutes without any data from the origin to the client" (CloudFront quotas); not adjustable. */
const IDLE_MS = 10 * 60_000;

/**
 * Cuts a WebSocket that CloudFront carries when nothing has been sent to the client for ten minutes. What the client
 * sends doesn't count. Both sides see an abnormal closure.
 */
export function cutWhenIdle(socket: Duplex, clock: Pick<Clock, 'at' | 'now'>): void {
  let lastSentAt = clock.now();
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    lastSentAt = clock.now();
    return write(...args);
  };
  let cancel = () => {};
  const watch = () => {
    cancel = clock.at(lastSentAt + IDLE_MS, () => {
      if (clock.now() - lastSentAt >= IDLE_MS) socket.destroy();
      else watch();
    });
  };
  watch();
  socket.once('close', () => cancel());
}
