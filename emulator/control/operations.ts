import type { Connection } from '../apigateway/websocket/connection.ts';
import { ENDINGS } from '../apigateway/websocket/connection.ts';
import type { Emulator } from '../types.ts';
import { ControlError, type Operations } from './control.ts';

export interface Controlled {
  readonly emulator: Pick<
    Emulator,
    'urls' | 'awsEndpoint' | 'outputs' | 'clock' | 'advance' | 'meter' | 'resetMeter' | 'permissions'
  >;
  readonly connections: { all(): readonly Connection[]; get(id: string): Connection | undefined };
}

/** design: "Controls". `controlled` is asked per request, since the controls exist before the emulator is ready. */
export function createOperations({ emulator, connections }: Controlled): Operations {
  return {
    'GET /health': () => ({
      ready: true,
      urls: { origin: emulator.urls.origin, native: emulator.urls.native, aws: emulator.awsEndpoint },
    }),
    'GET /outputs': () => emulator.outputs,
    'GET /meter': () => emulator.meter(),
    'DELETE /meter': () => emulator.resetMeter(),
    'GET /connections': () =>
      connections
        .all()
        .filter(({ reachable }) => reachable)
        .map(describe),
    'POST /cut': (body) => cut(connections, body),
    'POST /clock': async (body) => {
      const ms = body['advanceMs'];
      if (typeof ms !== 'number' || !Number.isFinite(ms) || ms < 0) {
        throw new ControlError(
          400,
          'Send { "advanceMs": <milliseconds> }, a number that is not negative: time only moves forward.',
        );
      }
      await emulator.advance(ms);
      return { now: new Date(emulator.clock.now()).toISOString() };
    },
    'GET /permissions': () => emulator.permissions(),
  };
}

function describe({ peer, lastActiveAt }: Connection) {
  return {
    connectionId: peer.connectionId,
    api: peer.api.name,
    connectedAt: new Date(peer.connectedAt).toISOString(),
    lastActiveAt: new Date(lastActiveAt).toISOString(),
  };
}

function cut(
  connections: Controlled['connections'],
  body: Readonly<Record<string, unknown>>,
): { cut: number } {
  const { connectionId, all, silent = false } = body;
  if ((typeof connectionId === 'string') === (all === true) || typeof silent !== 'boolean') {
    throw new ControlError(
      400,
      'Send { "connectionId": "…" } or { "all": true }, and "silent": true for a peer that just vanishes.',
    );
  }
  const chosen = typeof connectionId === 'string' ? [connections.get(connectionId)] : connections.all();
  const open = chosen.filter((connection) => connection?.state === 'open') as Connection[];
  if (typeof connectionId === 'string' && open.length === 0) {
    throw new ControlError(
      404,
      `There is no open connection "${connectionId}". GET /_emulator/connections lists them.`,
    );
  }
  for (const connection of open) {
    if (silent) connection.vanish();
    else connection.end(ENDINGS.goingAway);
  }
  return { cut: open.length };
}
