import type { SocketId } from '../../lambdas/ports/socketio.ts';
import type { Invocation } from './invocation.ts';
import { PACKET, writeHead, type PacketHead } from './packet-head.ts';
import { mintRecoveryId, sessionOf } from './recovery-id.ts';

/**
 * The CONNECT reply as the client gets it. socket.io always writes a `pid`, since the hook that restores sockets is that
 * of connection state recovery: where recovery is off it is taken out, and else it names the session that keeps the socket.
 */
export function connectReply(invocation: Invocation, text: string, head: PacketHead): string {
  const { sid, pid } = JSON.parse(text.slice(head.end)) as { readonly sid: SocketId; readonly pid?: string };
  const front = writeHead(PACKET.connect, head.nsp);
  if (invocation.world.options.recovery === undefined) return `${front}${JSON.stringify({ sid })}`;
  // Kept by a socket that was recovered: socket.io's own ids are none of ours.
  const kept =
    pid !== undefined && sessionOf(pid) !== undefined ? pid : mintRecoveryId(invocation.session.sid);
  invocation.pids.set(sid, kept);
  return `${front}${JSON.stringify({ sid, pid: kept })}`;
}
