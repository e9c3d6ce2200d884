import { deliverInOrder, orInDoubt } from '../../lambdas/app/deliver-in-order.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { Connections } from '../../lambdas/ports/gateway.ts';
import type { EnginePacket, EngineSessionStore, SocketEntry } from '../../lambdas/ports/socketio.ts';
import { undeferred } from '../../lambdas/app/deferred.ts';
import { isGreeted, type GreetedDeps } from '../../lambdas/app/greeted.ts';
import { fit } from './packets.ts';

/**
 * `lost`: its outbox is full. `throttled`: nothing was sent, and may be later. `partly`: some of the packets were sent.
 */
export type DeliveryOutcome = 'sent' | 'gone' | 'too-large' | 'lost' | 'throttled' | 'partly';

/**
 * As Sessions.deliver of compat/types.ts, which the functions of the bridge pass here. Packets of one call arrive in order.
 * Rejects when nothing was sent, with InDoubt when that is not known.
 */
export type Deliver = (to: SocketEntry, packets: readonly EnginePacket[]) => Promise<DeliveryOutcome>;

interface DeliveryDeps extends GreetedDeps {
  readonly sessions: Pick<EngineSessionStore, 'enqueue' | 'defer' | 'get'>;
  /** Of the Socket.IO API. */
  readonly connections: Pick<Connections, 'post'>;
}

/**
 * Delivery for functions without the Server: by a post, or through the outbox of a session that polls. Nobody is ended
 * here, since disconnect listeners need the Server: `$disconnect` or the sweep will find those who are gone.
 */
export function createDelivery(deps: DeliveryDeps): Deliver {
  const { sessions, connections } = deps;
  async function enqueue(to: SocketEntry, packets: readonly EnginePacket[]): Promise<DeliveryOutcome> {
    const outcome = await orInDoubt(sessions.enqueue(to.sid, packets));
    if (typeof outcome !== 'object')
      return outcome === 'queued' ? 'sent' : outcome === 'full' ? 'lost' : 'gone';
    // It has moved to a connection since its entry was read.
    const { connectionId } = outcome;
    return (await isGreeted(deps, to, connectionId)) ? postAll(connectionId, packets) : 'throttled';
  }

  function postAll(to: ConnectionId, packets: readonly EnginePacket[]): Promise<DeliveryOutcome> {
    return deliverInOrder(packets, (packet) => connections.post(to, packet));
  }

  return async (to, all) => {
    if (!fit(all)) return 'too-large';
    const packets = await orInDoubt(undeferred(deps, to, all));
    if (packets.length === 0) return 'sent';
    return to.connectionId === undefined ? enqueue(to, packets) : postAll(to.connectionId, packets);
  };
}
