import { randomInt, randomUUID } from 'node:crypto';

import type { Socket } from 'socket.io';
import { Encoder, PacketType } from 'socket.io-parser';

import { encodePackets } from '../adapter/encode-packets.ts';
import { FanOut } from '../adapter/fan-out.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import { CausewayError } from '../../lambdas/domain/errors.ts';
import { HOLD } from '../../lambdas/manifest/limits.ts';
import type {
  EnginePacket,
  EngineSession,
  Namespace,
  Place,
  SocketId,
  StoredSocket,
} from '../../lambdas/ports/socketio.ts';
import type { Outlet } from '../types.ts';
import { Acks } from './acks.ts';
import { commit, isStored } from './commit.ts';
import { connectReply } from './connect-reply.ts';
import type { Effects } from './effects.ts';
import { EngineSocket } from './engine-socket.ts';
import { Outgoing } from './outgoing.ts';
import { Pending } from './pending.ts';
import { within, type Scope } from './scope.ts';
import type { World } from './world.ts';

/** A socket of the session this invocation serves. */
export interface LiveSocket {
  readonly socket: Socket;
  /** JSON of what the client sent with CONNECT. */
  readonly auth: string;
  /** As it is stored; absent while the socket is new. */
  stored: StoredSocket | undefined;
  /** Its connection was lost: it stays stored for recovery, as it was then. */
  kept?: { readonly rooms: readonly string[] };
}

/** `socket.emit` while it runs: socket.io passes it to the adapter as a broadcast to the socket's own id. */
export interface DirectEmit {
  readonly socketId: SocketId;
  /** Told the ack id, if the event has one. */
  readonly asked?: (ack: { readonly nsp: Namespace; readonly id: number }) => void;
}

/** Everything that belongs to one run of the application for one session. Nothing of it survives the run. */
export class Invocation implements Effects {
  readonly world: World;
  readonly session: EngineSession;
  readonly conn: EngineSocket;
  readonly outgoing: Outgoing;
  /** Only who knows it may bring a stored socket back: no client can guess it (reference: pid is attacker-controlled). */
  readonly token = randomUUID();
  readonly work = new Pending();
  readonly fanOut: FanOut;
  readonly acks: Acks;
  /** Connection listeners that run again. */
  readonly replayed = new Pending();
  /** Ends when a replayed listener waits for an answer of the client, which it got long ago and won't get again. */
  readonly blocked: Promise<void>;
  readonly live = new Map<Namespace, LiveSocket>();
  /** Namespaces whose stored socket left before a new one came. */
  readonly replaced = new Set<Namespace>();
  /** Sockets whose CONNECT has not been answered. */
  readonly connecting = new Set<Socket>();
  readonly rooms = new Map<SocketId, Set<string>>();
  readonly pids = new Map<SocketId, string>();
  /** As the index says, or will (tag.ts). */
  readonly tags = new Map<SocketId, string>();
  /** Frames that bring a CONNECT, by its namespace. */
  readonly frames = new Map<Namespace, string>();
  /** What sockets that came back missed, by namespace: to be sent after the CONNECT reply. */
  readonly missed = new Map<Namespace, readonly unknown[][]>();
  /** Events that were read for them, missed or not (domain/told-event.ts). */
  readonly known = new Set<string>();
  /** See StoredSocket. */
  readonly seen = new Map<SocketId, readonly string[]>();
  /** Of `takeTurn`. */
  readonly apart: object[] = [];
  /** A socket comes back, and what it is told meanwhile is deferred. */
  held: { readonly since: Millis; readonly until: Millis } | undefined;
  /** Of all sockets that come back in this run. */
  private holding: Promise<void> | undefined;
  /** Index entries that this run wrote. */
  readonly indexed = new Map<string, Promise<void>>();
  /** The engine removes the entries of before. */
  keepsIndex = false;
  direct: DirectEmit | undefined;
  replaying = false;
  /** Rooms are being stored, or have been, ahead of the rest. */
  roomsLed = false;
  over = false;
  /** The session was closed meanwhile: nothing can be stored any more. */
  lost = false;
  closed: { readonly reason: string } | undefined;
  failure: CausewayError | undefined;
  block: () => void = () => {};
  /** Ends when the client has been asked something. */
  readonly asked: Promise<void>;
  private ask: () => void = () => {};

  constructor(world: World, session: EngineSession, outlet: Outlet) {
    this.world = world;
    this.session = session;
    for (const { id, tag } of Object.values(session.sockets)) if (tag !== undefined) this.tags.set(id, tag);
    this.blocked = new Promise((resolve) => {
      this.block = resolve;
    });
    this.asked = new Promise((resolve) => {
      this.ask = resolve;
    });
    this.fanOut = new FanOut(world, this.work, () => this.leadWithOwn());
    this.acks = new Acks({
      store: world.stores.acks,
      log: world.log,
      work: this.work,
      flush: () => this.outgoing.flush(),
      asked: () => this.ask(),
    });
    this.outgoing = new Outgoing({
      outlet,
      commit: () => commit(this),
      flushAfterMs: world.limits.flushAfterMs,
      failed: (error) => this.fail(error),
    });
    this.conn = new EngineSocket(session, {
      server: world.engine,
      send: (packets: readonly EnginePacket[]) => this.outgoing.write(packets),
      connectReply: (text, head) => connectReply(this, text, head),
      missed: (nsp) => this.takeMissed(nsp),
      closed: (reason) => {
        this.closed = { reason };
      },
    });
  }

  scope(phase: Scope['phase']): Scope {
    return { invocation: this, phase };
  }

  /** For what is told by other means than the Server: in no order with what the Server tells in the same run. */
  takeTurn(): string {
    const work = {};
    this.apart.push(work);
    return this.world.turns.take(work);
  }

  private takeMissed(nsp: Namespace): readonly EnginePacket[] {
    const missed = this.missed.get(nsp) ?? [];
    this.missed.delete(nsp);
    return missed.flatMap((data) => encodePackets({ type: PacketType.EVENT, nsp, data }));
  }

  /** What others tell the session is deferred from now on. One hold for all that comes back in this run, which releases one. */
  hold(): Promise<void> {
    this.holding ??= this.beginHold();
    return this.holding;
  }

  private async beginHold(): Promise<void> {
    const since = this.world.clock.now();
    // Another run may bring another namespace back, with a hold of its own.
    const until = since + HOLD.ms + randomInt(1_000);
    await this.world.stores.sessions.hold(this.session.sid, until);
    this.held = { since, until };
  }

  /** Work on this session's own state: when it fails the run fails, since what is stored would be wrong. */
  own(promise: Promise<unknown>): void {
    this.work.add(promise.catch((error: unknown) => this.fail(error)));
  }

  fail(cause: unknown): void {
    this.world.log.error('The state of a Socket.IO session could not be stored', { error: cause });
    this.failure ??= new CausewayError('unavailable', 'The store did not answer', { cause });
  }

  /**
   * Others are being told: what this client gets before its last packet goes along, instead of after them. The last one
   * stays, to ride the route response. Not while something must be stored before anything may leave.
   */
  private leadWithOwn(): void {
    if (this.session.transport === 'websocket') this.outgoing.lead(() => isStored(this));
  }

  /** Gives socket.io the client's answer to `socket.emit`, as the client would. */
  answer({ nsp, id }: { readonly nsp: Namespace; readonly id: number }, args: readonly unknown[]): void {
    const pieces = new Encoder().encode({ type: PacketType.ACK, nsp, id, data: args }) as (string | Buffer)[];
    within(this.scope('frame'), () => {
      for (const piece of pieces) this.conn.emit('data', piece);
    });
  }

  /** Where the index keeps a socket's membership: its own id stands for the whole namespace. */
  place(nsp: Namespace, socketId: SocketId, room: string): Place {
    return room === socketId ? { nsp } : { nsp, room };
  }
}
