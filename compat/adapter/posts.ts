import { InDoubt } from '../../lambdas/domain/in-doubt.ts';
import { FAN_OUT } from '../../lambdas/manifest/limits.ts';
import type { Log } from '../../lambdas/ports/runtime.ts';
import type { EnginePacket, SocketEntry } from '../../lambdas/ports/socketio.ts';
import type { Sessions } from '../types.ts';

/** `failed`: nothing was sent, and may be later. `unknown`: it may have been sent, or a part of it. */
type Outcome = 'sent' | 'gone' | 'too-large' | 'failed' | 'unknown';

interface Letter {
  readonly packets: readonly EnginePacket[];
  readonly done: (outcome: Outcome) => void;
}

/** What waits for one session, or for one hold of it. */
interface Queue {
  readonly entry: SocketEntry;
  letters: Letter[];
}

/**
 * Sends packets to other sessions: to each of them in the order of the calls, to all of them at most
 * `FAN_OUT.concurrency` at once. What gathers while a session is being served goes in one call.
 */
export class Posts {
  private readonly sessions: Sessions;
  private readonly log: Log;
  /** Sessions that are being served or wait for their turn. */
  private readonly queues = new Map<string, Queue>();
  private readonly ready: Queue[] = [];
  private active = 0;

  constructor(sessions: Sessions, log: Log) {
    this.sessions = sessions;
    this.log = log;
  }

  /** Never rejects. */
  send(entry: SocketEntry, packets: readonly EnginePacket[]): Promise<Outcome> {
    return new Promise((done) => {
      const letter = { packets, done };
      const queue = this.queues.get(keyOf(entry));
      if (queue !== undefined) {
        queue.letters.push(letter);
        return;
      }
      const opened = { entry, letters: [letter] };
      this.queues.set(keyOf(entry), opened);
      this.ready.push(opened);
      this.next();
    });
  }

  private next(): void {
    while (this.active < FAN_OUT.concurrency) {
      const queue = this.ready.shift();
      if (queue === undefined) return;
      this.active += 1;
      void this.serve(queue);
    }
  }

  private async serve(queue: Queue): Promise<void> {
    while (queue.letters.length > 0) {
      const letters = queue.letters.splice(0);
      const outcome = await this.deliver(
        queue.entry,
        letters.flatMap(({ packets }) => packets),
      );
      for (const { done } of letters) done(outcome);
    }
    this.queues.delete(keyOf(queue.entry));
    this.active -= 1;
    this.next();
  }

  private async deliver(entry: SocketEntry, packets: readonly EnginePacket[]): Promise<Outcome> {
    try {
      const outcome = await this.sessions.deliver(entry, packets);
      if (outcome === 'too-large')
        this.log.error('A Socket.IO packet was too large to be sent', { socketId: entry.socketId });
      if (outcome === 'throttled') return 'failed';
      return outcome === 'partly' ? 'unknown' : outcome;
    } catch (error) {
      this.log.error('A Socket.IO packet could not be sent', { socketId: entry.socketId, error });
      return error instanceof InDoubt ? 'unknown' : 'failed';
    }
  }
}

function keyOf({ sid, heldUntil }: SocketEntry): string {
  return heldUntil === undefined ? sid : `${sid} ${heldUntil}`;
}
