import { besides, type Refusal } from '../../lambdas/app/rate-limit.ts';
import type { Millis } from '../../lambdas/domain/entities.ts';
import type { ConnectionId } from '../../lambdas/domain/ids.ts';
import type { EngineId, EnginePacket, EngineSession } from '../../lambdas/ports/socketio.ts';
import type { Bridge } from '../types.ts';
import { arrived } from './arrived.ts';
import type { Piece } from './attachments.ts';
import type { Engine } from './deps.ts';
import type { Fresh } from './fresh.ts';
import { decodePacket, PACKET } from './packets.ts';
import { receive } from './receive.ts';
import { runOnConnection } from './run.ts';
import { upgrade } from './upgrade.ts';
import { isClosingSession } from './vitals.ts';

export interface Peer {
  readonly sid: EngineId;
  readonly connectionId: ConnectionId;
}

export type Frame = Parameters<Bridge['frame']>[0];

type Connected = EngineSession & { readonly connectionId: ConnectionId };

/** One text frame of a WebSocket; answers the packet that rides the route response. */
export async function frame(engine: Engine, fresh: Fresh, given: Frame): Promise<EnginePacket | undefined> {
  const allowed = await engine.rates.use({ of: { frames: given.sid }, at: engine.clock.now() });
  return allowed.ok
    ? besides(allowed.told, () => serve(engine, fresh, given))
    : tooMany(engine, given, allowed);
}

/** What is too much is lost as on a network. Who goes on regardless loses the connection. */
async function tooMany(engine: Engine, { sid }: Peer, { isFlood }: Refusal): Promise<undefined> {
  if (isFlood) await engine.sessions.end(sid, FLOODED);
}

/** As the stock server's reason where it closes a client itself. */
export const FLOODED = 'forced close';

async function serve(
  engine: Engine,
  fresh: Fresh,
  { body, requestId, at = 0, began = 0, ...peer }: Frame,
): Promise<EnginePacket | undefined> {
  const packet = decodePacket(body);
  switch (packet.kind) {
    case 'probe':
      return PACKET.probed;
    case 'upgrade':
      return completeUpgrade(engine, fresh, peer);
    case 'pong':
      return pong(engine, peer.sid, at);
    case 'message':
      return pass(engine, fresh, { peer, piece: { text: packet.text }, requestId, at });
    case 'binary':
      return pass(engine, fresh, { peer, piece: { data: packet.data, at, began }, requestId, at });
    case 'close':
      return fail(engine, peer, 'transport close');
    case 'ping':
      // Protocol 4 has the server ping: "invalid heartbeat direction".
      return fail(engine, peer, 'transport error');
    case 'invalid':
      return fail(engine, peer, 'parse error');
    case 'ignored':
      return undefined;
  }
}

/**
 * A connection that API Gateway would cut before its next pong is closed now: the client has just shown that it is there, so that
 * it is known which events it has got (docs/decisions/0013). It comes back, and recovers.
 */
async function pong(engine: Engine, sid: EngineId, at: Millis): Promise<undefined> {
  const now = engine.clock.now();
  // As sent as can be told: not when a function that started cold came to handle it.
  const session = await engine.stores.sessions.pong(sid, at > 0 ? Math.min(at, now) : now);
  if (session === undefined || !isClosingSession(session, now, engine.options)) return;
  engine.log.debug('a session is closed before its connection is cut', { openedAt: session.openedAt });
  await engine.sessions.endWith(sid, 'transport close', { returning: true });
}

async function completeUpgrade(engine: Engine, fresh: Fresh, peer: Peer): Promise<undefined> {
  if ((await upgrade(engine, fresh, peer)) !== undefined) return;
  // A message that overtook this packet has done it, or the connection has no business here.
  const session = await engine.stores.sessions.get(peer.sid);
  if (!isOwn(session, peer)) await engine.gateway.close(peer.connectionId);
}

async function pass(
  engine: Engine,
  fresh: Fresh,
  {
    peer,
    piece,
    requestId,
    at,
  }: {
    readonly peer: Peer;
    readonly piece: Piece;
    readonly requestId: string | undefined;
    readonly at: Millis;
  },
): Promise<EnginePacket | undefined> {
  const session = (isConnect(piece) ? fresh.take(peer.sid) : undefined) ?? (await own(engine, fresh, peer));
  if (session === undefined) return cut(engine, peer);
  const received = await receive(engine, session, [piece]);
  if (received === 'closed') return cut(engine, peer);
  if (received.invalid) return fail(engine, peer, 'parse error');
  if (received.messages.length === 0) return undefined;
  const messages = arrived(received.messages, { requestId, at }).map((message) =>
    requestId === undefined ? message : { ...message, frame: requestId },
  );
  return runOnConnection(engine, { ...received.session, connectionId: peer.connectionId }, messages);
}

/** The session, if the connection is its own or becomes it. */
async function own(engine: Engine, fresh: Fresh, peer: Peer): Promise<Connected | undefined> {
  const session = await engine.stores.sessions.get(peer.sid);
  if (isOwn(session, peer)) return session;
  const probes = session?.closed === undefined && session?.probing?.connectionId === peer.connectionId;
  if (!probes) return undefined;
  // The client sends messages right behind `5`, and they may be here first (AWS promises no order).
  const upgraded = await upgrade(engine, fresh, peer);
  if (upgraded !== undefined) return upgraded;
  const other = await engine.stores.sessions.get(peer.sid);
  return isOwn(other, peer) ? other : undefined;
}

function isOwn(session: EngineSession | undefined, peer: Peer): session is Connected {
  return session?.closed === undefined && session?.connectionId === peer.connectionId;
}

/** Only a CONNECT may be served from memory: it needs the handshake, and what it adds is stored under a condition. */
function isConnect(piece: Piece): boolean {
  return 'text' in piece && piece.text.startsWith('0');
}

async function cut({ gateway }: Engine, { connectionId }: Peer): Promise<undefined> {
  await gateway.close(connectionId);
  return undefined;
}

/** Ends the session, or just the connection when it only probes: a failed probe leaves polling as it is. */
async function fail(engine: Engine, peer: Peer, reason: string): Promise<undefined> {
  const session = await engine.stores.sessions.get(peer.sid);
  if (!isOwn(session, peer)) return cut(engine, peer);
  await engine.sessions.end(peer.sid, reason);
  return undefined;
}
