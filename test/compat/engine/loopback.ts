/** The bridge as a server on a port: each request and frame an invocation of its own, all of them at once as on AWS. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { type WebSocket, WebSocketServer } from 'ws';

import { createBridge } from '../../../compat/engine/bridge.ts';
import { createRuntime } from '../../../compat/server/create-runtime.ts';
import type { Bridge, BridgeOptions } from '../../../compat/types.ts';
import { createMemorySocketIoStores } from '../../../lambdas/adapters/memory/socketio/create-memory-socketio-stores.ts';
import type { ConnectionId } from '../../../lambdas/domain/ids.ts';
import type { SocketIoStores } from '../../../lambdas/ports/socketio.ts';

export interface Loopback {
  readonly url: string;
  readonly stores: SocketIoStores;
  readonly problems: string[];
  readonly sockets: Map<ConnectionId, WebSocket>;
  close(): Promise<void>;
}

export async function startLoopback(application: unknown, options: BridgeOptions): Promise<Loopback> {
  const stores = createMemorySocketIoStores();
  const sockets = new Map<ConnectionId, WebSocket>();
  const problems: string[] = [];
  const note = (message: string, fields?: object) =>
    void problems.push(`${message} ${JSON.stringify(fields)}`);
  const post = async (connectionId: ConnectionId, frame: string) => {
    const socket = sockets.get(connectionId);
    if (socket?.readyState !== 1) return 'gone' as const;
    socket.send(frame);
    return 'sent' as const;
  };
  const bridge = createBridge({
    stores,
    gateway: { post, close: async (connectionId) => sockets.get(connectionId)?.close(1000) },
    clock: { now: Date.now },
    log: { debug: () => {}, info: () => {}, warn: note, error: note },
    random: (count) => randomBytes(count),
    options,
    application,
    createRuntime,
    sendOpen: async (connectionId, packet) => {
      setTimeout(() => void post(connectionId, packet), 5);
    },
  });
  const http = createServer((request, response) => {
    void (async () => {
      const { status, headers, body } = await bridge.poll({
        method: request.method ?? 'GET',
        ...described(request),
        body: await text(request),
      });
      response.writeHead(status, headers).end(body);
    })();
  });
  const webSockets = new WebSocketServer({ noServer: true, maxPayload: 32 * 1024 });
  let connections = 0;
  http.on('upgrade', (request, socket, head) => {
    void (async () => {
      const connectionId = `c${connections++}=` as ConnectionId;
      const admission = await bridge.admit({ connectionId, ...described(request) });
      if ('refused' in admission) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
      webSockets.handleUpgrade(request, socket, head, (opened) => {
        sockets.set(connectionId, opened);
        serve(bridge, { sid: admission.sid, connectionId, socket: opened });
      });
    })();
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  const state = { open: true };
  const schedule = async () => {
    while (state.open) await bridge.sweep(Date.now() + 1_000);
  };
  if (options.heartbeat.pingIntervalMs < 60_000) schedule().catch(note);
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    stores,
    problems,
    sockets,
    close: async () => {
      state.open = false;
      for (const socket of sockets.values()) socket.terminate();
      http.closeAllConnections();
      http.close();
      await once(http, 'close');
    },
  };
}

function serve(
  bridge: Bridge,
  peer: {
    readonly sid: Parameters<Bridge['frame']>[0]['sid'];
    readonly connectionId: ConnectionId;
    readonly socket: WebSocket;
  },
): void {
  peer.socket.on('message', (data: Buffer, isBinary) => {
    if (isBinary) return peer.socket.close(1003);
    void bridge.frame({ ...peer, body: data.toString() }).then((reply) => {
      if (reply !== undefined && peer.socket.readyState === 1) peer.socket.send(reply);
    });
  });
  // A frame too large: `ws` closes the connection with 1009.
  peer.socket.on('error', () => {});
  peer.socket.on('close', () => void bridge.disconnected(peer));
}

function described(request: IncomingMessage) {
  const url = new URL(request.url ?? '', 'http://localhost');
  const headers = Object.fromEntries(
    Object.entries(request.headers).map(([name, value]) => [name, String(value)]),
  );
  return {
    url: request.url ?? '',
    query: Object.fromEntries(url.searchParams),
    headers,
    address: '127.0.0.1',
  };
}
