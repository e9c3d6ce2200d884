import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { Connections } from '../../lambdas/ports/gateway.ts';
import type { EnginePacket, EngineSessionStore, SocketEntry } from '../../lambdas/ports/socketio.ts';
import { fit } from './packets.ts';

/** `lost`: its outbox is full, or API Gateway throttled it. */
type DeliveryOutcome = 'sent' | 'gone' | 'too-large' | 'lost';

/** As Sessions.deliver of compat/types.ts, which the functions of the bridge pass here. Packets of one call arrive in order. */
export type Deliver = (to: SocketEntry, packets: readonly EnginePacket[]) => Promise<DeliveryOutcome>;

interface DeliveryDeps {
  readonly sessions: Pick<EngineSessionStore, 'enqueue'>;
  /** Of the Socket.IO API. */
  readonly connections: Pick<Connections, 'post'>;
}

/**
 * Delivery for functions without the Server: by a post, or through the outbox of a session that polls. Nobody is ended
 * here, since disconnect listeners need the Server: `$disconnect` or the sweep will find those who are gone.
 */
export function createDelivery({ sessions, connections }: DeliveryDeps): Deliver {
  async function enqueue(to: SocketEntry, packets: readonly EnginePacket[]): Promise<DeliveryOutcome> {
    const outcome = await sessions.enqueue(to.sid, packets);
    // It has moved to a connection since its entry was read.
    if (typeof outcome === 'object') return postAll(outcome.connectionId, packets);
    return outcome === 'queued' ? 'sent' : outcome === 'full' ? 'lost' : 'gone';
  }

  /** Stops at the first that cannot be sent. */
  async function postAll(to: ConnectionId, packets: readonly EnginePacket[]): Promise<DeliveryOutcome> {
    for (const packet of packets) {
      const outcome = await connections.post(to, packet);
      if (outcome !== 'sent') return outcome === 'throttled' ? 'lost' : outcome;
    }
    return 'sent';
  }

  return async (to, packets) => {
    if (!fit(packets)) return 'too-large';
    return to.connectionId === undefined ? enqueue(to, packets) : postAll(to.connectionId, packets);
  };
}
