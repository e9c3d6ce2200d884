import type { Socket } from 'socket.io';

import type { Identity } from '../../lambdas/domain/entities.ts';
import type { RoomId } from '../../lambdas/domain/ids.ts';
import { connectOneMore } from '../../lambdas/app/connection-limit.ts';
import { ensureLobby } from '../../lambdas/app/ensure-lobby.ts';
import { currentScope } from '../server/scope.ts';
import { waitUntil } from '../server/wait-until.ts';
import { authenticate, requireUser } from './authenticate.ts';
import type { Host } from './deps.ts';
import { identify, personOf, sidOf } from './person.ts';
import { logRefusal, tellable } from './refusals.ts';

/** What was looked up for a socket while it was let in. */
export interface Admission {
  /** Chat rooms it is put into without being told. */
  readonly roomIds: readonly RoomId[];
  /** The user is not marked as online. */
  readonly isAway: boolean;
}

const NONE: readonly RoomId[] = [];

const admissions = new WeakMap<Socket, Admission>();

/** Undefined for a socket that came back without being asked again. */
export function admissionOf(socket: Socket): Admission | undefined {
  return admissions.get(socket);
}

/** The namespace's middleware: everything that can be refused is asked here, where a refusal is a `connect_error`. */
export function admission(host: Host): (socket: Socket, next: (error?: Error) => void) => unknown {
  return async (socket, next) => {
    try {
      const identity = await authenticate(host.deps, socket.handshake);
      admissions.set(socket, await guarded(host, socket, identity));
      identify(socket, identity);
      if (host.deps.limits !== undefined) personOf(socket).activeAt = host.deps.clock.now();
    } catch (error) {
      logRefusal(host.deps.log, error, { namespace: host.nsp });
      refuse(host, socket, { error, next });
      return;
    }
    next();
  };
}

function guarded(host: Host, socket: Socket, identity: Identity): Promise<Admission> {
  const { clock, limits } = host.deps;
  const work = () => lookUp(host, identity);
  if (limits === undefined) return work();
  const connecting = { userId: identity.userId, at: clock.now(), except: sidOf(socket) };
  return connectOneMore(limits.connections, connecting, work);
}

/** One round of calls, and two more for somebody who is not in the lobby yet. */
async function lookUp(host: Host, identity: Identity): Promise<Admission> {
  const { deps, vocabulary, lobby } = host;
  const { userId } = identity;
  const { autoJoins } = vocabulary;
  const at = deps.clock.now();
  const joinsLobby = autoJoins.lobby && lobby !== undefined;
  const [admitted, roomIds] = await Promise.all([
    requireUser(deps, identity, at),
    autoJoins.rooms || joinsLobby ? deps.rooms.roomsOf(userId) : NONE,
  ]);
  if (joinsLobby && !roomIds.includes(lobby)) await ensureLobby(deps, { userId, lobby, at });
  const joined = new Set(autoJoins.rooms ? roomIds : []);
  if (joinsLobby) joined.add(lobby);
  return { roomIds: [...joined], isAway: admitted === 'away' };
}

interface Refused {
  readonly error: unknown;
  readonly next: (error?: Error) => void;
}

function refuse({ dialects }: Host, socket: Socket, { error, next }: Refused): void {
  const { code, message } = tellable(error);
  next(Object.assign(new Error(message), { data: { code } }));
  // The notifications document: `socket.disconnect()`. Sockets of the client in other namespaces would go with it.
  const isAlone = currentScope()?.invocation.live.size === 0;
  if (isAlone && dialects.every((id) => id === 'notifications')) waitUntil(closeAfter(socket));
}

/** socket.io writes the refusal on the next tick. */
async function closeAfter(socket: Socket): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  socket.conn.close();
}
