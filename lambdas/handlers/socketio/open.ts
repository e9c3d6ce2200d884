import { sleep } from '../../adapters/system/sleep.ts';
import type { ConnectionId } from '../../domain/ids.ts';
import type { Connections, PostOutcome } from '../../ports/gateway.ts';
import type { Log } from '../../ports/runtime.ts';

export interface OpenEvent {
  readonly connectionId: ConnectionId;
  readonly packet: string;
}

/**
 * Until its handshake is over a connection is `gone`; there is no sign of when it is up. In all about ten seconds, and
 * never waiting for much of what has passed: pings are on their way too, and must not be first.
 */
const WAITS_MS = [10, 15, 25, 35, 50, 75, 100, 150, 200, 300, 450, 700, 1_000, 1_500, 2_200, 3_190] as const;

/** Sends the first packet to a connection that is just being opened. A client waits twenty seconds for it. */
export async function sendOpen(
  { gateway, log }: { readonly gateway: Connections; readonly log: Log },
  { connectionId, packet }: OpenEvent,
): Promise<void> {
  for (const wait of [...WAITS_MS, undefined]) {
    const outcome = await post(gateway, { connectionId, packet });
    if (outcome === 'sent') return;
    if (wait !== undefined) await sleep(wait);
    else log.info('a connection never opened', { connectionId, outcome });
  }
}

async function post(gateway: Connections, event: OpenEvent): Promise<PostOutcome | 'failed'> {
  try {
    return await gateway.post(event.connectionId, event.packet);
  } catch {
    return 'failed';
  }
}
