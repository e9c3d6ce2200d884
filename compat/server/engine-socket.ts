import { EventEmitter } from 'node:events';

import type { EnginePacket, EngineSession, Namespace } from '../../lambdas/ports/socketio.ts';
import type { Message } from '../types.ts';
import { checkSize, enginePacket } from '../adapter/encode-packets.ts';
import type { EngineStub } from './engine-stub.ts';
import { PACKET, readHead, type PacketHead } from './packet-head.ts';
import { isMuted } from './scope.ts';

export interface EngineSocketSeam {
  readonly server: EngineStub;
  /** Takes packets for the client. */
  send(packets: readonly EnginePacket[]): void;
  /** The CONNECT reply as it leaves, given as socket.io wrote it. */
  connectReply(text: string, head: PacketHead): string;
  /** What follows the CONNECT reply of a namespace before anything else. */
  missed(nsp: Namespace): readonly EnginePacket[];
  closed(reason: string): void;
}

/** A binary packet on its way out: attachments are written one by one and leave together or not at all. */
interface Parcel {
  readonly packets: EnginePacket[];
  missing: number;
}

/** Stands for Engine.IO's socket during one invocation: what `socket.conn` is (reference: members socket.io touches). */
export class EngineSocket extends EventEmitter {
  readonly id: string;
  readonly protocol = 4;
  readonly request: object;
  readonly remoteAddress: string;
  readonly transport: { readonly name: EngineSession['transport']; readonly writable: true };
  readonly server: EngineStub;
  readyState: 'open' | 'closed' = 'open';
  private readonly seam: EngineSocketSeam;
  private readonly answers = new Map<Namespace, () => void>();
  private parcel: Parcel | undefined;

  constructor(session: EngineSession, seam: EngineSocketSeam) {
    super();
    this.id = session.sid;
    this.seam = seam;
    this.server = seam.server;
    this.remoteAddress = session.handshake.address;
    this.transport = { name: session.transport, writable: true };
    this.request = requestOf(session);
  }

  /** Feeds one packet of the client. */
  receive({ text, attachments }: Message): void {
    this.emit('data', text);
    for (const bytes of attachments) this.emit('data', Buffer.from(bytes));
  }

  /** Ends once a CONNECT to the namespace has been answered, or the connection has been closed. */
  answered(nsp: Namespace): Promise<void> {
    return new Promise((resolve) => {
      if (this.readyState === 'open') this.answers.set(nsp, resolve);
      else resolve();
    });
  }

  /** socket.io's way out: one call for the packet's text and one for each attachment. */
  write(piece: unknown): this {
    if (this.readyState !== 'open') return this;
    const head = typeof piece === 'string' ? readHead(piece) : undefined;
    if (head?.type === PACKET.connect || head?.type === PACKET.connectError) this.settle(head.nsp);
    if (isMuted()) return this;
    if (typeof piece !== 'string') this.attach(piece);
    else if (head !== undefined && head.attachments > 0)
      this.parcel = { packets: [enginePacket(piece)], missing: head.attachments };
    else if (head?.type === PACKET.connect) this.sendReply(piece, head);
    else this.sendAll([enginePacket(piece)]);
    return this;
  }

  /**
   * What was missed comes after the reply, not before it as from a stock server: a client that has the reply notes each offset
   * as it comes, while one that is cut before it keeps what it has got and is given it once more.
   */
  private sendReply(piece: string, head: PacketHead): void {
    this.sendAll([enginePacket(this.seam.connectReply(piece, head))]);
    const missed = this.seam.missed(head.nsp);
    if (missed.length > 0) this.sendAll(missed);
  }

  send(piece: unknown): this {
    return this.write(piece);
  }

  /** Whole packets, encoded before. */
  sendAll(packets: readonly EnginePacket[]): void {
    if (this.readyState !== 'open') return;
    checkSize(packets);
    this.seam.send(packets);
  }

  /** Engine.IO's reason when the server closes a connection, whatever the transport. */
  close(): this {
    if (!isMuted()) this.end('forced close');
    return this;
  }

  end(reason: string): void {
    if (this.readyState === 'closed') return;
    this.readyState = 'closed';
    this.seam.closed(reason);
    this.emit('close', reason);
    for (const nsp of this.answers.keys()) this.settle(nsp);
  }

  private attach(piece: unknown): void {
    const { parcel } = this;
    if (parcel === undefined) return;
    parcel.packets.push(enginePacket(piece));
    parcel.missing -= 1;
    if (parcel.missing > 0) return;
    this.parcel = undefined;
    this.sendAll(parcel.packets);
  }

  private settle(nsp: Namespace): void {
    this.answers.get(nsp)?.();
    this.answers.delete(nsp);
  }
}

/** As much of the first request as `socket.request` and socket.io's handshake look at. */
function requestOf({ handshake }: EngineSession): object {
  const connection = { encrypted: handshake.secure, remoteAddress: handshake.address };
  return {
    method: 'GET',
    url: handshake.url,
    headers: { ...handshake.headers },
    _query: { ...handshake.query },
    connection,
    socket: connection,
  };
}
