import type { Namespace } from 'socket.io';
import { Adapter, type BroadcastOptions, type Room, type Session, type SocketId } from 'socket.io-adapter';
import type { Packet } from 'socket.io-parser';

import { adoptNamespace } from '../server/adopt-namespace.ts';
import { recover } from '../server/recover.ts';
import { replayedSession } from '../server/replay.ts';
import { currentScope, isMuted } from '../server/scope.ts';
import { worldOf } from '../server/world.ts';
import { broadcast, broadcastWithAck } from './broadcast.ts';
import { addSockets, delSockets, disconnectSockets, fetchSockets, socketIds } from './cluster.ts';
import { joinRooms, leaveAllRooms, leaveRoom, roomsOf } from './memberships.ts';

/**
 * socket.io's adapter over the tables: one per namespace. In memory it has only the sockets of the invocations that run
 * now; all others are found in the index and reached through their sessions. Muted calls do nothing.
 */
export class BridgeAdapter extends Adapter {
  /** Called by the namespace's constructor. */
  override init(): void {
    adoptNamespace(this.namespace);
  }

  private get namespace(): Namespace {
    return this.nsp as Namespace;
  }

  override addAll(id: SocketId, rooms: Set<Room>): Promise<void> | void {
    const joined = joinRooms({ nsp: this.namespace.name, id }, rooms);
    if (joined === undefined) return;
    void super.addAll(id, new Set(joined.entered));
    return joined.stored;
  }

  override del(id: SocketId, room: Room): Promise<void> | void {
    const { left, stored } = leaveRoom({ nsp: this.namespace.name, id }, room);
    if (left) void super.del(id, room);
    return stored;
  }

  override delAll(id: SocketId): void {
    if (currentScope()?.phase === 'replay') return;
    leaveAllRooms({ nsp: this.namespace.name, id });
    super.delAll(id);
  }

  override socketRooms(id: SocketId): Set<Room> | undefined {
    return roomsOf(id) ?? super.socketRooms(id);
  }

  /** `join-room` and its like; what is only restored or forgotten is no event. */
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    return !isMuted() && super.emit(event, ...args);
  }

  override broadcast(packet: Packet, options: BroadcastOptions): void {
    if (!isMuted()) broadcast({ nsp: this.namespace, packet, options });
  }

  // socket.io decides how many parameters an adapter's methods have.
  // oxlint-disable-next-line max-params
  override broadcastWithAck(
    packet: Packet,
    options: BroadcastOptions,
    count: (clients: number) => void,
    answer: (...args: unknown[]) => void,
  ): void {
    if (isMuted()) count(0);
    else broadcastWithAck({ nsp: this.namespace, packet, options }, { count, answer });
  }

  override sockets(rooms: Set<Room>): Promise<Set<SocketId>> {
    return socketIds({ nsp: this.namespace, options: { rooms } });
  }

  override fetchSockets(options: BroadcastOptions): ReturnType<Adapter['fetchSockets']> {
    return fetchSockets({ nsp: this.namespace, options });
  }

  override addSockets(options: BroadcastOptions, rooms: Room[]): void {
    if (!isMuted()) addSockets({ nsp: this.namespace, options }, rooms);
  }

  override delSockets(options: BroadcastOptions, rooms: Room[]): void {
    if (!isMuted()) delSockets({ nsp: this.namespace, options }, rooms);
  }

  override disconnectSockets(options: BroadcastOptions, close: boolean): void {
    if (!isMuted()) disconnectSockets({ nsp: this.namespace, options }, close);
  }

  /** There are no other servers: an instance exists only while it handles a packet. */
  override serverSideEmit(packet: unknown[]): void {
    const answer = packet.at(-1);
    worldOf(this.namespace)?.log.error('serverSideEmit() is not supported: no other server is running', {
      namespace: this.namespace.name,
    });
    if (typeof answer === 'function')
      answer(new Error('serverSideEmit() is not supported: no other server is running'), []);
  }

  /** Called when a connection is lost in a way its client may come back from: the socket stays in the row. */
  override persistSession(session: Omit<Session, 'missedPackets'>): void {
    const scope = currentScope();
    const live = scope?.invocation.live.get(this.namespace.name);
    if (live?.socket.id === session.sid && scope?.invocation.world.options.recovery !== undefined)
      live.kept = { rooms: session.rooms.filter((room) => room !== session.sid) };
  }

  /** A stored socket in a replay; else what a client lost, if it can prove that it is the client's. */
  override async restoreSession(pid: string, offset: string): Promise<Session> {
    const scope = currentScope();
    const lost = { nsp: this.namespace.name, pid, offset };
    if (scope === undefined) return NOTHING;
    if (scope.phase === 'replay') return replayedSession(scope.invocation, lost) ?? NOTHING;
    return (await recover(scope.invocation, lost)) ?? NOTHING;
  }
}

/** socket.io's types forget that there may be no session. */
const NOTHING = null as unknown as Session;
