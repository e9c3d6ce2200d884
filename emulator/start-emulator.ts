import type { ServerResponse } from 'node:http';
import { HttpApis } from './apigateway/http/http-apis.ts';
import { plainAnswer } from './apigateway/http/response.ts';
import type { EdgeServices } from './apigateway/services.ts';
import { createManagementApi } from './apigateway/websocket/management.ts';
import { WebSocketApis } from './apigateway/websocket/websocket-apis.ts';
import { CloudFront } from './cloudfront/cloud-front.ts';
import { loadStack } from './assembly/load-stack.ts';
import { advance } from './control/advance.ts';
import { createControl } from './control/control.ts';
import { createOperations } from './control/operations.ts';
import { openFrontDoor, type FrontDoor } from './front-door.ts';
import { startPlatform, type Platform } from './platform.ts';
import { templateChanges } from './template-changes.ts';
import type { Emulator, EmulatorOptions, HttpEdge } from './types.ts';

const DEFAULT_PORT = 3000;
/** API Gateway quotas: idle 10 minutes, connection duration 2 hours. */
const IDLE_SECONDS = 600;
const LIFETIME_SECONDS = 7_200;

interface Edges {
  readonly webSockets: WebSocketApis;
  readonly http: HttpApis;
  readonly cloudFront: CloudFront;
}

/**
 * Runs the template of a synthesised cloud assembly. Resolves when clients may connect.
 * @throws Error that says what to do: a template this emulator can't play, a port in use, a data directory in use.
 */
export async function startEmulator(options: EmulatorOptions): Promise<Emulator> {
  const platform = await startPlatform(options);
  try {
    return await open(options, platform);
  } catch (error) {
    await platform.close();
    throw error;
  }
}

async function open(options: EmulatorOptions, platform: Platform): Promise<Emulator> {
  const edges = createEdges(options, platform.services, platform);
  platform.endpoint.register(platform.withLatency(createManagementApi(platform.services, edges.webSockets)));
  // The controls need the emulator, which needs the port, which needs the controls.
  const controls: HttpEdge[] = [];
  const door = await openFrontDoor({
    port: options.port ?? DEFAULT_PORT,
    edges: [
      { request: (req, res) => controls.some((edge) => edge.request(req, res)) },
      edges.cloudFront,
      edges.http,
    ],
    upgrade(req, socket, head) {
      // A stage's own path reaches its API directly; everything else is CloudFront's where there is a distribution.
      if (edges.webSockets.isStage(req) || !edges.cloudFront.upgrade(req, socket, head))
        edges.webSockets.upgrade(req, socket, head);
    },
    otherwise: (req, res) => notServed(res, edges.webSockets.owns(req)),
  });
  const emulator = emulatorOf(options, platform, { edges, door });
  controls.push(createControl(createOperations({ emulator, connections: edges.webSockets.connections })));
  platform.startSchedules();
  return emulator;
}

function createEdges(options: EmulatorOptions, services: EdgeServices, { stack }: Platform): Edges {
  const limits = {
    idleMs: (options.idleSeconds ?? IDLE_SECONDS) * 1000,
    lifetimeMs: (options.lifetimeSeconds ?? LIFETIME_SECONDS) * 1000,
  };
  const webSockets = new WebSocketApis(stack, services, limits);
  const http = new HttpApis(stack, services);
  return { webSockets, http, cloudFront: new CloudFront(stack, services, { webSockets, http }) };
}

/** A WebSocket API answers a plain request with 426; nothing else is there. */
function notServed(res: ServerResponse, isWebSocketStage: boolean): void {
  const { status, headers, body } = isWebSocketStage
    ? plainAnswer(426, 'Upgrade Required')
    : plainAnswer(404, 'Not Found');
  res.writeHead(status, { ...headers }).end(body);
}

function emulatorOf(
  options: EmulatorOptions,
  platform: Platform,
  { edges, door }: { edges: Edges; door: FrontDoor },
): Emulator {
  const { meter, permissions, clock, due } = platform;
  const { webSockets, http, cloudFront } = edges;
  let assembly = options.assembly;
  let closing: Promise<void> | undefined;
  return {
    urls: urlsOf(webSockets, door.port),
    awsEndpoint: platform.endpoint.url,
    clock,
    advance: (ms) => advance(clock, due, ms),
    outputs: platform.stack.outputs,
    meter() {
      webSockets.connections.meterTime();
      return meter.report();
    },
    resetMeter() {
      webSockets.connections.meterTime();
      meter.reset();
    },
    permissions: () => permissions.report(),
    strike: (...faults) => platform.chaos.force(faults),
    async reload(next) {
      const stack = loadStack(next);
      for (const edge of [webSockets, http, cloudFront]) edge.update(stack);
      platform.reload(stack);
      const changes = await templateChanges(assembly, next);
      if (changes.length > 0) {
        const message = `restart to apply the changes of the template that new code alone doesn't bring: ${changes.join(', ')}`;
        platform.services.log({ level: 'warn', source: 'emulator', message });
      }
      assembly = next;
    },
    close: () => (closing ??= close(platform, { edges, door })),
  };
}

function urlsOf(webSockets: WebSocketApis, port: number): Emulator['urls'] {
  const origin = `http://localhost:${port}`;
  const urls = webSockets.apis.flatMap((api) =>
    [...api.stages.keys()].slice(0, 1).map((stage) => [api.name, `ws://localhost:${port}/${stage}`] as const),
  );
  return { origin, native: urls[0]?.[1] ?? '', webSockets: Object.fromEntries(urls) };
}

/** Clients first, then what serves them. */
async function close(platform: Platform, { edges, door }: { edges: Edges; door: FrontDoor }): Promise<void> {
  await edges.webSockets.close();
  await door.close();
  await platform.close();
}
