import type { EnginePacket, Namespace, StoredSocket } from '../../lambdas/ports/socketio.ts';
import { enginePacket } from '../adapter/encode-packets.ts';
import type { Invocation } from './invocation.ts';
import { PACKET, writeHead } from './packet-head.ts';

/*
 * A frame may be delivered to two invocations, and API Gateway sends the client the answer of only one of them, nobody
 * knows which. So both give the same answer to a CONNECT: the socket that was stored first. A client that gets it twice
 * (when one was posted) fires `connect` again, for the same socket; one that never gets it would wait for ever.
 */

/** Whether a socket was made by this very frame, and not by an earlier CONNECT, after which stock servers close. */
export function isSameFrame(stored: StoredSocket | undefined, frame: string | undefined): boolean {
  return frame !== undefined && stored?.frame === frame;
}

/** The CONNECT reply of a socket that is stored. */
export function replyOf(nsp: Namespace, { id, pid }: StoredSocket): EnginePacket {
  const reply = { sid: id, ...(pid === undefined ? {} : { pid }) };
  return enginePacket(`${writeHead(PACKET.connect, nsp)}${JSON.stringify(reply)}`);
}

/** After a conflict: what the other delivery of this run's frame stored. Undefined when the client CONNECTed twice. */
export async function storedElsewhere({
  world,
  session,
  frames,
}: Invocation): Promise<readonly EnginePacket[] | undefined> {
  if (frames.size === 0) return undefined;
  const now = await world.stores.sessions.get(session.sid);
  const replies: EnginePacket[] = [];
  for (const [nsp, frame] of frames) {
    const stored = now?.sockets[nsp];
    if (stored === undefined || !isSameFrame(stored, frame)) return undefined;
    replies.push(replyOf(nsp, stored));
  }
  return replies;
}
