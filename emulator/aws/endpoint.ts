/**
 * The one address that plays *.amazonaws.com: reads a request, verifies its signature, hands it to the service it is signed
 * for and meters it. Every AWS call of every function passes here, so it does little else.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Credentials } from '../iam/credentials.ts';
import type { Permissions } from '../iam/policies.ts';
import { type Signer, verifySignature } from '../iam/verify-signature.ts';
import type {
  AwsRequest,
  AwsServiceHandler,
  Clock,
  EmulatorLogEntry,
  IncomingEvent,
  Meter,
  Stack,
} from '../types.ts';
import { awsError, outcomeOf } from './aws-error.ts';
import { listen, openDoors } from './doors.ts';
import type { MeteredResponse } from './metered-response.ts';
import { scopeError, serviceOfHost } from './service-of-host.ts';

/** Set by the worker runtime on every request of a function: the id of the incoming event it works for, and the serial depth. */
const EVENT_HEADER = 'x-emulator-event';
const DEPTH_HEADER = 'x-emulator-depth';
/** DynamoDB's largest request, BatchWriteItem, is 16 MB; nothing else comes near. */
const MAX_BODY_BYTES = 16 * 1024 * 1024;
/** Functions keep their connections open between events, as the SDK does on AWS. */
const KEEP_ALIVE_MS = 10 * 60_000;

export interface AwsEndpointDependencies {
  readonly stack: Pick<Stack, 'region'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Pick<Meter, 'call'>;
  readonly credentials: Pick<Credentials, 'caller'>;
  readonly permissions: Pick<Permissions, 'authorize'>;
  readonly event: (id: number) => IncomingEvent | undefined;
  readonly log: (entry: EmulatorLogEntry) => void;
}

export interface AwsEndpoint {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Another address of the same, for an instance of a function. */
  nextUrl(): string;
  register(handler: AwsServiceHandler): void;
  close(): Promise<void>;
}

export async function createAwsEndpoint(dependencies: AwsEndpointDependencies): Promise<AwsEndpoint> {
  const handlers = new Map<string, AwsServiceHandler>();
  const serving: Serving = { ...dependencies, handlers };
  const server = createServer((req, res) => {
    receive(req, res, serving).catch((error: unknown) => report(error, res, dependencies));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = 0;
  const port = await listen(server);
  const doors = await openDoors(server);
  return {
    url: `http://127.0.0.1:${port}`,
    nextUrl: () => doors.next(),
    register: (handler) => void handlers.set(handler.service, handler),
    async close() {
      const closed = Promise.all([doors.close(), new Promise((resolve) => server.close(resolve))]);
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Serving extends AwsEndpointDependencies {
  readonly handlers: ReadonlyMap<string, AwsServiceHandler>;
}

interface Answer {
  readonly response: MeteredResponse;
  readonly date: number;
  readonly contentType: string;
}

async function receive(req: IncomingMessage, res: ServerResponse, serving: Serving): Promise<void> {
  const received = await readBody(req);
  if (received === undefined) return void res.writeHead(413, { connection: 'close' }).end();
  const { response, date, contentType } = await serve(req, received, serving);
  if (res.destroyed) return;
  const body = response.body ?? '';
  res.writeHead(response.status, {
    'content-type': contentType,
    'x-amzn-requestid': randomUUID(),
    ...response.headers,
    'content-length': Buffer.byteLength(body),
    // The SDK corrects its clock from this header, and the clock that counts is the emulated one.
    date: httpDate(date),
  });
  res.end(body);
}

/** Undefined when it is too large. By events: iterating over the request costs twice as much. */
function readBody(req: IncomingMessage): Promise<Buffer | undefined> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > MAX_BODY_BYTES) resolve(undefined);
      else chunks.push(chunk);
    });
    req.once('end', () => resolve(chunks.length === 1 ? chunks[0] : Buffer.concat(chunks)));
    req.once('error', reject);
  });
}

async function serve(req: IncomingMessage, body: Buffer, serving: Serving): Promise<Answer> {
  const headers = req.headers as Record<string, string>;
  const { method = 'GET', url: path = '/' } = req;
  const now = serving.clock.now();
  const signer = verifySignature(
    { method, path, headers, body },
    { credentials: serving.credentials, now, region: serving.stack.region },
  );
  const host = headers['host'] ?? '';
  const service = signer.kind === 'signed' ? signer.service : serviceOfHost(host, headers['x-amz-target']);
  const request = toRequest(
    { service, host, method, path, headers, body },
    { signer: signer.kind === 'signed' ? signer : undefined, serving },
  );
  const response: MeteredResponse =
    signer.kind === 'signed' ? await dispatch(request, serving) : awsError(service, signer);
  serving.meter.call(request.event, {
    operation: operationOf(request),
    depth: request.depth,
    readUnits: response.readUnits ?? 0,
    writeUnits: response.writeUnits ?? 0,
    bytes: body.length + Buffer.byteLength(response.body ?? ''),
    outcome: outcomeOf(response),
  });
  return { response, date: now, contentType: headers['content-type'] ?? 'application/json' };
}

async function dispatch(request: AwsRequest, { handlers, permissions }: Serving): Promise<MeteredResponse> {
  const misdirected = scopeError(request.host, request.service);
  if (misdirected !== undefined)
    return awsError(serviceOfHost(request.host, undefined), {
      code: 'InvalidSignatureException',
      message: misdirected,
    });
  const handler = handlers.get(request.service);
  if (handler === undefined) {
    const message = `The emulator does not play the AWS service '${request.service}'; it has: ${[...handlers.keys()].join(', ')}`;
    return awsError(request.service, { code: 'UnknownOperationException', message });
  }
  return handler.handle(request, permissions.authorize);
}

type Wire = Pick<AwsRequest, 'service' | 'host' | 'method' | 'path' | 'headers' | 'body'>;

function toRequest(
  wire: Wire,
  { signer, serving }: { signer: Signer | undefined; serving: Serving },
): AwsRequest {
  const caller = signer?.caller.function;
  const eventId = wire.headers[EVENT_HEADER];
  const event = eventId === undefined ? undefined : serving.event(Number(eventId));
  return {
    ...wire,
    depth: Math.max(1, Number.parseInt(wire.headers[DEPTH_HEADER] ?? '1', 10) || 1),
    ...(caller === undefined
      ? {}
      : { caller: { functionName: caller.functionName, roleLogicalId: caller.roleLogicalId } }),
    ...(event === undefined ? {} : { event }),
  };
}

/** `dynamodb:Query` from the target header of the JSON protocols, `lambda:Invoke`, `execute-api:POST` otherwise. */
function operationOf({ service, headers, method, path }: AwsRequest): string {
  if (service === 'lambda' && /\/invocations(\?|$)/.test(path)) return 'lambda:Invoke';
  return `${service}:${headers['x-amz-target']?.split('.').at(-1) ?? method}`;
}

function report(error: unknown, res: ServerResponse, { log }: AwsEndpointDependencies): void {
  if (res.destroyed || res.headersSent) return;
  const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
  log({ level: 'error', source: 'emulator', message: `The AWS endpoint failed: ${message}` });
  const { status, body } = awsError('', {
    code: 'InternalFailure',
    message: 'The emulator failed to handle the request; its log says why',
    status: 500,
  });
  res.writeHead(status, { 'content-type': 'application/x-amz-json-1.0' }).end(body);
}

let lastDate = { second: -1, text: '' };

function httpDate(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (lastDate.second !== second) lastDate = { second, text: new Date(ms).toUTCString() };
  return lastDate.text;
}
