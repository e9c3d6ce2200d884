import { Decoder, type Packet } from 'socket.io-parser';

import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import type { Namespace, SocketId } from '../../lambdas/ports/socketio.ts';
import type { Message } from '../types.ts';
import { toText } from './binary-json.ts';
import { serially } from './commit.ts';
import type { Invocation } from './invocation.ts';
import { PACKET, readHead } from './packet-head.ts';
import { isSameFrame, replyOf } from './repeated-connect.ts';
import { within, type Scope } from './scope.ts';

/** How long an answer waits for the instance that asked. */
const ACK_LIFETIME_MS = 60_000;

/**
 * Hands the client's packets to socket.io as one payload: in one go, since that is how it counts what is connected. Only
 * what follows the CONNECT of its own namespace waits for it (reference: an event before that closes the client).
 */
export async function feed(invocation: Invocation, messages: readonly Message[]): Promise<void> {
  const connecting = new Map<Namespace, Promise<void>>();
  for (const message of messages) {
    const head = readHead(message.text);
    const nsp = head?.nsp ?? '/';
    const pending = connecting.get(nsp);
    if (pending !== undefined) await pending;
    if (invocation.conn.readyState !== 'open') return;
    if (head?.type === PACKET.connect) {
      if (isAnswered(invocation, nsp, message)) continue;
      if (!hasRoom(invocation, connecting.size, message)) return;
      if (message.frame !== undefined) invocation.frames.set(nsp, message.frame);
      connecting.set(nsp, invocation.conn.answered(nsp));
    }
    if (head?.type === PACKET.disconnect && !(await leavesFirst(invocation, nsp))) return;
    if (!isForeignAck(invocation, message, head?.type))
      within(scopeOf(invocation, message), () => invocation.conn.receive(message));
  }
  await Promise.all(connecting.values());
}

function scopeOf(invocation: Invocation, { arrival }: Message): Scope {
  return { ...invocation.scope('frame'), ...(arrival === undefined ? {} : { arrival }) };
}

/** A CONNECT whose other delivery has been served already gets the same answer, and the application hears nothing. */
function isAnswered({ live, conn }: Invocation, nsp: Namespace, { frame }: Message): boolean {
  const stored = live.get(nsp)?.stored;
  if (stored === undefined || !isSameFrame(stored, frame)) return false;
  conn.sendAll([replyOf(nsp, stored)]);
  return true;
}

/**
 * A client that leaves often closes its connection in the same breath, and $disconnect runs beside this. Whoever writes
 * first runs the disconnect listeners: here before they run, there by closing the session. False when that one was first.
 */
async function leavesFirst(invocation: Invocation, nsp: Namespace): Promise<boolean> {
  const { world, session, live, conn } = invocation;
  const leaving = live.get(nsp);
  if (leaving?.stored === undefined) return true;
  const { outcome } = await serially(invocation, () =>
    world.stores.sessions.commit(session.sid, { disconnected: [nsp] }),
  );
  if (outcome === 'closed') {
    invocation.lost = true;
    conn.readyState = 'closed';
    return false;
  }
  leaving.stored = undefined;
  return true;
}

/** A session is one row of the table: who wants more of it than there is loses the connection. */
function hasRoom(invocation: Invocation, connecting: number, { text }: Message): boolean {
  const { namespaces, authBytes } = SOCKETIO_SESSION;
  if (invocation.live.size + connecting < namespaces && Buffer.byteLength(text) <= authBytes) return true;
  invocation.world.log.warn('A client asked for too many namespaces, or sent too much auth', {
    namespaces,
    authBytes,
  });
  within(invocation.scope('frame'), () => invocation.conn.end('forced close'));
  return false;
}

/** An answer to what another instance asked is put where that one looks; an answer to a broadcast is counted here. */
function isForeignAck(invocation: Invocation, message: Message, type: string | undefined): boolean {
  if (type !== PACKET.ack && type !== PACKET.binaryAck) return false;
  const packet = decode(message);
  const socket = packet === undefined ? undefined : invocation.live.get(packet.nsp)?.socket;
  if (packet?.id === undefined || socket?.connected !== true) return false;
  const from = { socketId: socket.id, args: packet.data as unknown[] };
  const ack = { nsp: packet.nsp, id: packet.id };
  if (invocation.acks.isOpen(ack)) within(invocation.scope('frame'), () => invocation.acks.give(ack, from));
  else invocation.own(passOn(invocation, ack, from));
  return true;
}

function passOn(
  { world }: Invocation,
  ack: { readonly nsp: Namespace; readonly id: number },
  { socketId, args }: { readonly socketId: SocketId; readonly args: readonly unknown[] },
): Promise<void> {
  const answer = { socketId, args: toText(args) };
  return world.stores.acks.answer(ack, answer, world.clock.now() + ACK_LIFETIME_MS);
}

/** Undefined for what is no packet: socket.io finds that out itself and closes the client. */
function decode({ text, attachments }: Message): Packet | undefined {
  const decoder = new Decoder();
  let decoded: Packet | undefined;
  decoder.on('decoded', (packet: Packet) => {
    decoded = packet;
  });
  try {
    decoder.add(text);
    for (const bytes of attachments) decoder.add(Buffer.from(bytes));
  } catch {
    return undefined;
  } finally {
    decoder.destroy();
  }
  return decoded;
}
