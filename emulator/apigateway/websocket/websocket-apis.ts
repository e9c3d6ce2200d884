import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { IncomingEvent, Stack } from '../../types.ts';
import { apiIdOfHost } from '../arns.ts';
import { mintId } from '../ids.ts';
import { firstSegmentOf, pathOf } from '../request-parts.ts';
import type { EdgeServices } from '../services.ts';
import { sourceAddress } from '../source-address.ts';
import { admit, type Admission } from './connect.ts';
import { Connection, ENDINGS, type Ending } from './connection.ts';
import { Connections, type Limits } from './connections.ts';
import { clientEnding, runDisconnect } from './disconnect.ts';
import type { Moment, Peer } from './events.ts';
import { receiveMessage } from './messages.ts';
import { readWebSocketApis, type Stage, type WebSocketApi } from './model.ts';
import { handshakeProblem, refuseUpgrade } from './refuse-upgrade.ts';
import { MAXIMUM_MESSAGE_BYTES, watchFrames } from './watch-frames.ts';

const MAXIMUM_URL_CHARACTERS = 4096;

interface Attempt {
  readonly peer: Peer;
  readonly stage: Stage;
  readonly moment: Moment;
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
  readonly event: IncomingEvent;
}

/** The WebSocket APIs of a stack, as clients see them. */
export class WebSocketApis {
  readonly connections: Connections;
  readonly #services: EdgeServices;
  readonly #server: WebSocketServer;
  /** Subprotocol that `$connect` chose, for the moment between its answer and the 101. */
  readonly #protocols = new WeakMap<IncomingMessage, string>();
  #apis: readonly WebSocketApi[];
  #shuttingDown = false;

  constructor(stack: Stack, services: EdgeServices, limits: Limits) {
    this.#services = services;
    this.#apis = readWebSocketApis(stack, services.clock);
    this.connections = new Connections(services, limits, (connection, ending) =>
      this.#closed(connection, ending),
    );
    this.#server = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      // Not documented for API Gateway and never seen negotiated.
      perMessageDeflate: false,
      maxPayload: MAXIMUM_MESSAGE_BYTES,
      // `ws` would echo the first protocol offered; API Gateway leaves the choice to the $connect integration.
      handleProtocols: (_offered, req) => this.#protocols.get(req) ?? false,
    });
    this.#warnOfMissingRoutes();
  }

  get apis(): readonly WebSocketApi[] {
    return this.#apis;
  }

  /** New routes and functions for open and future connections. */
  update(stack: Stack): void {
    this.#apis = readWebSocketApis(stack, this.#services.clock);
    this.#warnOfMissingRoutes();
  }

  /** Whether the first segment of the path is a stage of one of the APIs (or the host names one). */
  owns(req: IncomingMessage): boolean {
    const host = apiIdOfHost(req.headers.host);
    return this.#apis.some((api) => api.id === host || api.stages.has(firstSegmentOf(req)));
  }

  /** Whether the path is a stage of one of the APIs and nothing more: what reaches an API without CloudFront. */
  isStage(req: IncomingMessage): boolean {
    return this.#locate(req) !== undefined;
  }

  /** Takes an upgrade request; it is held until `$connect` has answered. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const moment = { requestId: mintId(), now: this.#services.clock.now() };
    const found = this.#locate(req);
    if (!found) return refuseUpgrade(socket, { status: 403, requestId: moment.requestId });
    const status = handshakeProblem(req) ?? problemOf(req, found.stage);
    if (status !== undefined) return refuseUpgrade(socket, { status, requestId: moment.requestId });
    const { api, stage } = found;
    const userAgent = req.headers['user-agent'];
    const peer: Peer = {
      connectionId: mintId(),
      api,
      stage: stage.name,
      connectedAt: moment.now,
      identity: { ...(userAgent !== undefined && { userAgent }), sourceIp: sourceAddress(req) },
    };
    const event = this.#services.meter.open(`${api.name} $connect`);
    void this.#connect({ peer, stage, moment, req, socket, head, event });
  }

  /** Closes every connection as API Gateway does when it goes away, without running `$disconnect`. */
  async close(): Promise<void> {
    this.#shuttingDown = true;
    const open = this.connections.all();
    for (const connection of open) connection.end(ENDINGS.goingAway);
    await Promise.all(open.map((connection) => connection.finished));
    for (const connection of open) this.connections.remove(connection);
    this.#server.close();
  }

  async #connect(attempt: Attempt): Promise<void> {
    const admission = await admit(this.#services, attempt);
    if (admission.admitted) this.#open(attempt, admission);
    else this.#refuse(attempt, admission);
    this.#services.meter.close(attempt.event);
  }

  #refuse(attempt: Attempt, { status, message, why }: Extract<Admission, { admitted: false }>): void {
    const { connectionId, api } = attempt.peer;
    const level = status >= 500 ? 'error' : 'info';
    this.#services.log({
      level,
      source: `apigateway/${api.name}`,
      message: `$connect refused with ${status}: ${why}`,
    });
    refuseUpgrade(attempt.socket, {
      status,
      connectionId,
      requestId: attempt.moment.requestId,
      ...(message !== undefined && { message }),
    });
  }

  #open(attempt: Attempt, admission: Extract<Admission, { admitted: true }>): void {
    const { req, socket, head } = attempt;
    if (admission.protocol !== undefined) this.#protocols.set(req, admission.protocol);
    let opened = false;
    this.#server.handleUpgrade(req, socket, head, (webSocket) => {
      opened = true;
      this.#follow(webSocket, socket, admission.peer);
    });
    // The client left while it waited. $connect has run, so $disconnect runs too.
    if (!opened) this.#disconnected(admission.peer, { code: 1006, reason: '' });
  }

  #follow(webSocket: WebSocket, socket: Duplex, peer: Peer): void {
    const connection = new Connection(peer, webSocket, this.#services.clock.now());
    this.connections.add(connection);
    let disconnecting: IncomingEvent | undefined;
    const frames = watchFrames(socket, connection, () => {
      // Opened before the client learns of the close, so that a meter that shows nothing pending has counted it.
      disconnecting ??= this.#openDisconnect(peer);
    });
    webSocket.on('message', (data: Buffer, isBinary) => {
      if (frames.accept()) this.#message(connection, { data, isBinary });
    });
    webSocket.on('error', (error: Error & { code?: string }) => {
      connection.failed(error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? ENDINGS.tooLarge : undefined);
    });
    webSocket.on('close', (code, reason) => {
      if (connection.state === 'vanished') return;
      this.#closed(connection, connection.ending ?? clientEnding(code, reason.toString()), disconnecting);
    });
  }

  #message(connection: Connection, message: { data: Buffer; isBinary: boolean }): void {
    if (message.isBinary) return connection.end(ENDINGS.binary);
    receiveMessage(this.#services, this.#current(connection.peer.api), {
      connection,
      body: message.data.toString(),
    });
  }

  #closed(connection: Connection, ending: Ending, event?: IncomingEvent): void {
    const first = this.connections.remove(connection);
    if (first && !this.#shuttingDown) this.#disconnected(connection.peer, ending, event);
    else if (event) this.#services.meter.close(event);
  }

  #disconnected(peer: Peer, ending: Ending, event = this.#openDisconnect(peer)): void {
    void runDisconnect(this.#services, { api: this.#current(peer.api), peer, event }, ending);
  }

  #openDisconnect(peer: Peer): IncomingEvent {
    return this.#services.meter.open(`${peer.api.name} $disconnect`);
  }

  /** The API's model after the last reload; the one it connected to when the API is gone. */
  #current(api: WebSocketApi): WebSocketApi {
    return this.#apis.find(({ id }) => id === api.id) ?? api;
  }

  /** `/<stage>` and `/<stage>/` only: longer paths and unknown stages are 403. */
  #locate(req: IncomingMessage): { api: WebSocketApi; stage: Stage } | undefined {
    const name = /^\/([^/]+)\/?$/.exec(pathOf(req))?.[1];
    if (name === undefined) return undefined;
    const host = apiIdOfHost(req.headers.host);
    for (const api of this.#apis) {
      const stage = api.stages.get(name);
      if (stage?.deployed && (host === undefined || host === api.id)) return { api, stage };
    }
    return undefined;
  }

  /** AWS needs none of them; a template without one usually has a mistake. */
  #warnOfMissingRoutes(): void {
    const consequences = {
      $connect: 'every upgrade is accepted',
      $disconnect: 'nothing hears of closed connections',
      $default: 'other messages are answered Forbidden',
    };
    for (const api of this.#apis) {
      for (const [key, consequence] of Object.entries(consequences)) {
        if (api.routes.has(key)) continue;
        this.#services.log({
          level: 'warn',
          source: `apigateway/${api.name}`,
          message: `the API has no ${key} route: ${consequence}`,
        });
      }
    }
  }
}

function problemOf(req: IncomingMessage, stage: Stage): number | undefined {
  if ((req.url ?? '').length > MAXIMUM_URL_CHARACTERS) return 414;
  return stage.throttle('$connect') ? undefined : 429;
}
