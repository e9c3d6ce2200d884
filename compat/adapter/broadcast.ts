import type { Namespace, Socket } from 'socket.io';
import type { BroadcastOptions } from 'socket.io-adapter';
import { PacketType, type Packet } from 'socket.io-parser';

import type { Millis } from '../../lambdas/domain/entities.ts';
import { timeOfOffset } from '../../lambdas/domain/offset.ts';
import { TELLING } from '../../lambdas/manifest/limits.ts';
import type { EnginePacket, LoggedPacket, SocketId } from '../../lambdas/ports/socketio.ts';
import { toText } from '../server/binary-json.ts';
import type { Effects } from '../server/effects.ts';
import { randomAckId } from '../server/internals.ts';
import type { Invocation } from '../server/invocation.ts';
import { nextOffset } from '../server/recovery-id.ts';
import { currentScope } from '../server/scope.ts';
import { atMost } from '../server/timing.ts';
import { worldOf, type World } from '../server/world.ts';
import { encodePackets } from './encode-packets.ts';
import type { Selection } from './targets.ts';

/** An event on its way to many: as socket.io gives it to an adapter, and for whom. */
export interface Emission {
  readonly nsp: Namespace;
  readonly packet: Packet;
  readonly options: BroadcastOptions;
}

/** Who answers, and how many there are. */
export interface Answers {
  count(clients: number): void;
  answer(first: unknown): void;
}

/** What emitting is done with; absent until the application has been loaded, when nobody can be connected. */
export interface Ground {
  readonly world: World;
  readonly effects: Effects;
  /** Absent outside any run, and when the run has ended. */
  readonly invocation: Invocation | undefined;
}

export function groundOf(nsp: Namespace): Ground | undefined {
  const world = worldOf(nsp);
  if (world === undefined) return undefined;
  const current = currentScope()?.invocation;
  const invocation = current?.over === false && current.world === world ? current : undefined;
  return { world, effects: invocation ?? world.background, invocation };
}

/** Sends to the run's own sockets now, in the order of their other packets, and to all others from now on. */
export function broadcast(emission: Emission): void {
  const ground = groundOf(emission.nsp);
  if (ground === undefined) return;
  const { packet, options } = emission;
  const direct = ground.invocation?.direct;
  const offset = isRecoverable(ground.world, emission) ? stamp(ground.world, packet) : undefined;
  const packets = encode(emission);
  const span = offset === undefined ? undefined : spanOf(ground, offset);
  if (span !== undefined) append(ground, emission, span);
  if (packet.id !== undefined) direct?.asked?.({ nsp: emission.nsp.name, id: packet.id });
  sendToOwn(ground, emission, packets);
  if (direct !== undefined || options.flags?.local === true) return;
  const { fanOut, work } = ground.effects;
  const told = fanOut.spread(selectionOf(ground, emission), packets, options.flags?.volatile === true);
  if (span !== undefined) work.add(told.then((until) => noteLate(ground, emission, { ...span, until })));
}

type Span = Pick<LoggedPacket, 'offset' | 'until' | 'turn'>;

/** What is told outside any run may be told beside others. */
function spanOf({ world, invocation }: Ground, offset: string): Span {
  return invocation === undefined ? { offset } : { offset, turn: world.turns.take(invocation) };
}

/** As of messages (lambdas/app/announce-message.ts): only what took long, or is told by others, costs one write more. */
function noteLate(
  ground: Ground,
  emission: Emission,
  { until = ground.world.clock.now(), ...span }: Omit<Span, 'until'> & { readonly until: Millis | undefined },
): void {
  if (until - (timeOfOffset(span.offset) ?? until) > TELLING.skewMs)
    append(ground, emission, { ...span, until });
}

/** As `broadcast`, with an answer from each client that was reached. */
export function broadcastWithAck(emission: Emission, answers: Answers): void {
  const ground = groundOf(emission.nsp);
  if (ground === undefined) {
    answers.count(0);
    return;
  }
  const ack = { nsp: emission.nsp.name, id: randomAckId() };
  emission.packet.id = ack.id;
  const packets = encode(emission);
  const { acks, fanOut, work } = ground.effects;
  const from = new Set(sendToOwn(ground, emission, packets));
  const progress = { answered: 0, total: Infinity };
  const check = () => progress.answered < progress.total || acks.finish(ack);
  const answer = (_socketId: SocketId, [first]: readonly unknown[]): void => {
    progress.answered += 1;
    answers.answer(first);
    check();
  };
  const finished = acks.ask({ ...ack, from, answer });
  const local = emission.options.flags?.local === true;
  const reached = local ? [] : fanOut.broadcast(selectionOf(ground, emission), packets);
  const counted = Promise.resolve(reached).then((entries) => {
    for (const { socketId } of entries) from.add(socketId);
    progress.total = from.size;
    answers.count(from.size);
    check();
  });
  work.add(counted);
  work.add(atMost(timeoutOf(emission), finished).then(() => acks.finish(ack)));
}

/** socket.io's own timer runs out first, and calls the application back with what has come. */
function timeoutOf({ options }: Emission): number {
  return (options.flags?.timeout ?? 1) + TIMEOUT_SLACK_MS;
}
const TIMEOUT_SLACK_MS = 20;

/** As socket.io's session-aware adapter: events that need no answer and may not be lost. */
function isRecoverable({ options: { recovery } }: World, { packet, options }: Emission): boolean {
  const isEvent = packet.type === PacketType.EVENT && packet.id === undefined;
  return recovery !== undefined && isEvent && options.flags?.volatile === undefined;
}

/** The offset is the last argument: the client remembers it, and its listeners see it. */
function stamp({ clock }: World, packet: Packet): string {
  const offset = nextOffset(clock.now());
  (packet.data as unknown[]).push(offset);
  return offset;
}

/** A peer that vanished is noticed a heartbeat later, which is when the window begins. */
function logMs({ recovery, heartbeat }: World['options']): Millis {
  return (recovery?.windowMs ?? 0) + heartbeat.pingIntervalMs + heartbeat.pingTimeoutMs;
}

/**
 * Kept beside the look-up of the recipients, and the posts do not wait for it. Who was told needs nothing of the log: a
 * client that has the packet asks for what came after it. Who was not told reads it when it comes back, TELLING.skewMs after
 * it can be found (server/recover.ts). Should the write fail, those who are connected get the packet all the same.
 */
function append({ world, effects }: Ground, { nsp, packet, options }: Emission, span: Span): void {
  const keptMs = logMs(world.options);
  const logged = { ...span, data: toText(packet.data), except: [...(options.except ?? [])] };
  const rooms = [...options.rooms];
  const places = rooms.length === 0 ? [{ nsp: nsp.name }] : rooms.map((room) => ({ nsp: nsp.name, room }));
  for (const place of places) {
    const appended = world.stores.packets.append(place, logged, world.clock.now() + keptMs);
    effects.work.add(
      appended.catch((error: unknown) => world.log.error('A packet was not kept for recovery', { error })),
    );
  }
}

function encode({ nsp, packet }: Emission): readonly EnginePacket[] {
  packet.nsp = nsp.name;
  return encodePackets(packet);
}

function sendToOwn(ground: Ground, emission: Emission, packets: readonly EnginePacket[]): SocketId[] {
  const sockets = ownSockets(ground, emission);
  for (const socket of sockets) {
    for (const listener of socket.listenersAnyOutgoing())
      Reflect.apply(listener, socket, emission.packet.data as unknown[]);
    ground.invocation?.conn.sendAll(packets);
  }
  return sockets.map(({ id }) => id);
}

/** The run's own sockets that are meant: what socket.io's adapter does with the sockets of its process. */
export function ownSockets(
  { invocation }: Ground,
  { nsp, options }: Pick<Emission, 'nsp' | 'options'>,
): readonly Socket[] {
  const socket = invocation?.live.get(nsp.name)?.socket;
  if (invocation === undefined || socket?.connected !== true) return [];
  const rooms = [...(invocation.rooms.get(socket.id) ?? [])];
  const included = options.rooms.size === 0 || rooms.some((room) => options.rooms.has(room));
  const excluded = rooms.some((room) => options.except?.has(room) === true);
  return included && !excluded ? [socket] : [];
}

export function selectionOf(
  { invocation }: Ground,
  { nsp, options }: Pick<Emission, 'nsp' | 'options'>,
): Selection {
  const to = { nsp: nsp.name, rooms: options.rooms, except: options.except ?? new Set<string>() };
  if (invocation === undefined) return to;
  const own = invocation.live.get(nsp.name)?.socket.id;
  return { ...to, own: { sid: invocation.session.sid, ids: new Set(own === undefined ? [] : [own]) } };
}
