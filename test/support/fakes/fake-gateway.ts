import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import type { Address, InspectableGateway, PostOutcome } from '../../../lambdas/ports/gateway.ts';

export interface FakeGateway extends InspectableGateway {
  readonly posts: { readonly connectionId: ConnectionId; readonly frame: string }[];
  readonly closed: ConnectionId[];
  /** From now on posts to this connection end so; an Error is thrown. Default: `sent`. */
  answer(connectionId: ConnectionId, outcome: PostOutcome | Error): void;
  /** Connections posted to, in order of their ids, repeats included. */
  reached(): readonly ConnectionId[];
  /** The most posts that were in flight at once. */
  peak(): number;
}

/** Remembers what was posted and answers as told. A post is in flight for one turn of the event loop. */
export function createFakeGateway(): FakeGateway {
  const outcomes = new Map<ConnectionId, PostOutcome | Error>();
  const posts: FakeGateway['posts'] = [];
  const closed: ConnectionId[] = [];
  let inFlight = 0;
  let peak = 0;
  return {
    posts,
    closed,
    answer: (connectionId, outcome) => void outcomes.set(connectionId, outcome),
    reached: () => posts.map(({ connectionId }) => connectionId).toSorted(),
    peak: () => peak,
    async post({ connectionId }: Address, frame: string) {
      posts.push({ connectionId, frame });
      inFlight += 1;
      peak = Math.max(peak, inFlight);
      await Promise.resolve();
      inFlight -= 1;
      const outcome = outcomes.get(connectionId) ?? 'sent';
      if (outcome instanceof Error) throw outcome;
      return outcome;
    },
    async look({ connectionId }: Address) {
      const outcome = outcomes.get(connectionId) ?? 'sent';
      if (outcome instanceof Error) throw outcome;
      return outcome === 'gone' ? 'gone' : { connectedAt: 0, lastActiveAt: 0 };
    },
    async close({ connectionId }: Address) {
      closed.push(connectionId);
    },
  };
}
