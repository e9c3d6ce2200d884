/** CloudFront distributions in front of the APIs and buckets of the same template. Nothing is cached. */
import { randomBytes } from 'node:crypto';
import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { apiIdOfHost } from '../apigateway/arns.ts';
import type { HttpApis } from '../apigateway/http/http-apis.ts';
import { plainAnswer, type HttpAnswer } from '../apigateway/http/response.ts';
import { writeAnswer } from '../apigateway/http/write-answer.ts';
import type { EdgeServices } from '../apigateway/services.ts';
import { pathOf } from '../apigateway/request-parts.ts';
import { comesFrom } from '../apigateway/source-address.ts';
import type { WebSocketApis } from '../apigateway/websocket/websocket-apis.ts';
import type { HttpEdge, Stack } from '../types.ts';
import { decide, type Decision } from './decide.ts';
import { errorAnswer, type EdgeAnswer } from './edge-answer.ts';
import { readDistributions, type Distribution } from './model.ts';
import { originRequest } from './origin-request.ts';
import { rewriteRequest } from './rewrite-request.ts';
import { headerOf, viewerRequest } from './viewer-request.ts';
import { cutWhenIdle } from './websocket-idle.ts';
import { Buckets } from '../s3/buckets.ts';

export interface Origins {
  readonly http: HttpApis;
  readonly webSockets: WebSocketApis;
}

/** Of the addresses CloudFront reaches origins from; what an API takes for the client's. */
const EDGE_ADDRESS = '130.176.0.1';
const TRIED_AGAIN = new Set(['GET', 'HEAD']);

export class CloudFront implements HttpEdge {
  readonly #services: EdgeServices;
  readonly #origins: Origins;
  #buckets: Buckets;
  #distributions: readonly Distribution[];

  constructor(stack: Stack, services: EdgeServices, origins: Origins) {
    this.#services = services;
    this.#origins = origins;
    this.#buckets = new Buckets(stack);
    this.#distributions = this.#read(stack);
  }

  update(stack: Stack): void {
    this.#buckets = new Buckets(stack);
    this.#distributions = this.#read(stack);
  }

  #read(stack: Stack): readonly Distribution[] {
    return readDistributions(stack, {
      isApi: (host) => this.#isHttp(host) || this.#isWebSocket(host),
      isBucket: (host) => this.#buckets.has(host),
    });
  }

  /** False when there is no distribution, or the request names an API by its host. */
  request(req: IncomingMessage, res: ServerResponse): boolean {
    const distribution = this.#locate(req);
    if (!distribution) return false;
    void this.#serve(distribution, req, res);
    return true;
  }

  /** The same for an upgrade request. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const distribution = this.#locate(req);
    if (!distribution) return false;
    socket.on('error', () => socket.destroy());
    void this.#upgrade(distribution, req, { socket, head });
    return true;
  }

  /** The one whose domain or alias is the host; the first one for localhost. */
  #locate(req: IncomingMessage): Distribution | undefined {
    const { host } = req.headers;
    if (apiIdOfHost(host) !== undefined) return undefined;
    const name = host?.replace(/:\d+$/, '').toLowerCase() ?? '';
    return this.#distributions.find(({ hosts }) => hosts.includes(name)) ?? this.#distributions[0];
  }

  async #serve(distribution: Distribution, req: IncomingMessage, res: ServerResponse): Promise<void> {
    const decision = await this.#decide(distribution, req, false);
    if (decision.kind === 'answer') return this.#send(req, res, ownAnswer(decision.answer));
    this.#toOrigin(req, decision);
    const answer = this.#isWebSocket(decision.origin.host)
      ? plainAnswer(this.#origins.webSockets.owns(req) ? 426 : 403, 'Forbidden')
      : await this.#ask(req, decision);
    this.#send(req, res, passedOn(answer, decision));
  }

  async #upgrade(
    distribution: Distribution,
    req: IncomingMessage,
    { socket, head }: { socket: Duplex; head: Buffer },
  ): Promise<void> {
    const decision = await this.#decide(distribution, req, true);
    const refuse = (answer: HttpAnswer) => this.#send(req, responseOn(req, socket as Socket), answer);
    if (decision.kind === 'answer') return refuse(ownAnswer(decision.answer));
    this.#toOrigin(req, decision);
    // An HTTP API knows no upgrade: it answers as if none had been asked for.
    if (!this.#isWebSocket(decision.origin.host))
      return refuse(passedOn(await this.#ask(req, decision), decision));
    if (req.headers.host !== decision.origin.host) return refuse(passedOn(FORBIDDEN, decision));
    cutWhenIdle(socket, this.#services.clock);
    this.#origins.webSockets.upgrade(req, socket, head);
  }

  async #decide(distribution: Distribution, req: IncomingMessage, isUpgrade: boolean): Promise<Decision> {
    const requestId = `${randomBytes(41).toString('base64url')}==`;
    const decision = await decide(viewerRequest(req, distribution.rootObject), {
      distribution,
      requestId,
      isUpgrade,
      now: this.#services.clock.now(),
      log: this.#services.log,
    });
    this.#services.meter.edgeRequest({ ranFunction: decision.ranFunction });
    return decision;
  }

  #toOrigin(req: IncomingMessage, decision: Extract<Decision, { kind: 'origin' }>): void {
    rewriteRequest(req, originRequest(decision.request, decision));
    comesFrom(req, EDGE_ADDRESS);
  }

  /** "Origin response timeout": GET and HEAD are tried again, other methods are not. */
  async #ask(req: IncomingMessage, decision: Extract<Decision, { kind: 'origin' }>): Promise<HttpAnswer> {
    const { origin, requestId } = decision;
    if (this.#buckets.has(origin.host)) return this.#fetch(req, decision);
    if (!this.#isHttp(origin.host)) return ownAnswer(errorAnswer('origin-unknown', requestId));
    const attempts = TRIED_AGAIN.has(req.method ?? '') ? origin.attempts : 1;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const answering = req.headers.host === origin.host ? this.#origins.http.answer(req) : undefined;
      const answer = await within(origin.readTimeoutMs, answering ?? Promise.resolve(FORBIDDEN));
      if (answer) return answer;
    }
    this.#services.log({
      level: 'error',
      source: 'cloudfront',
      message: `${req.method} ${req.url}: no answer in ${origin.readTimeoutMs} ms, ${attempts} times`,
    });
    return ownAnswer(errorAnswer('origin-timeout', requestId));
  }

  /** S3 sees who asks by the signature of origin access control. */
  #fetch(
    req: IncomingMessage,
    { origin, request, distributionArn }: Extract<Decision, { kind: 'origin' }>,
  ): Promise<HttpAnswer> {
    return this.#buckets.answer({
      host: origin.host,
      path: pathOf(req),
      // CloudFront compares with what it has cached, whatever reaches the origin.
      ifNoneMatch: headerOf(request, 'if-none-match'),
      reader: { ...(origin.signs && { service: 'cloudfront.amazonaws.com' }), sourceArn: distributionArn },
    });
  }

  #send(req: IncomingMessage, res: ServerResponse, answer: HttpAnswer): void {
    writeAnswer(res, answer, (error) => {
      const message = `${req.method} ${req.url}: ${String(error)}`;
      this.#services.log({ level: 'warn', source: 'cloudfront', message });
    });
  }

  #isHttp(host: string): boolean {
    return this.#origins.http.has(host);
  }

  #isWebSocket(host: string): boolean {
    return this.#origins.webSockets.apis.some(({ domain }) => domain === host);
  }
}

/** What API Gateway says to a Host that it has no API for: the viewer's, say. */
const FORBIDDEN = plainAnswer(403, 'Forbidden');

/** Undefined when the time is up first. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ms);
  });
  return Promise.race([promise, timeUp]).finally(() => clearTimeout(timer));
}

function ownAnswer({ status, headers, body, cache }: EdgeAnswer): HttpAnswer {
  const cookies = headers.filter(([name]) => name === 'Set-Cookie').map(([, value]) => value);
  const plain = new Map<string, string>();
  for (const [name, value] of headers.filter(([each]) => each !== 'Set-Cookie'))
    plain.set(name, [plain.get(name), value].filter((each) => each !== undefined).join(', '));
  return {
    status,
    headers: { ...Object.fromEntries(plain), 'x-cache': `${cache} from cloudfront` },
    cookies,
    body,
  };
}

/** What CloudFront adds to the answer of an origin. */
function passedOn(
  answer: HttpAnswer,
  { domain, requestId, answerHeaders }: Extract<Decision, { kind: 'origin' }>,
): HttpAnswer {
  const via = [answer.headers['via'], `1.1 ${domain} (CloudFront)`].filter(Boolean).join(', ');
  const cache = `${answer.status >= 400 ? 'Error' : 'Miss'} from cloudfront`;
  const own = { via, 'x-amz-cf-id': requestId, 'x-cache': answer.headers['x-cache'] ?? cache };
  return { ...answer, headers: answerHeaders({ ...answer.headers, ...own }) };
}

/** An HTTP answer to an upgrade request. */
function responseOn(req: IncomingMessage, socket: Socket): ServerResponse {
  const res = new ServerResponse(req);
  res.shouldKeepAlive = false;
  res.assignSocket(socket);
  res.once('finish', () => {
    res.detachSocket(socket);
    socket.end();
  });
  return res;
}
