import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpEdge, Stack } from '../../types.ts';
import { apiIdOfHost, executeApiArn } from '../arns.ts';
import { mintId } from '../ids.ts';
import { callIntegration } from '../integration.ts';
import { firstSegmentOf } from '../request-parts.ts';
import type { EdgeServices } from '../services.ts';
import { isPreflight, preflightHeaders, responseHeaders, type Cors } from './cors.ts';
import { httpEvent, pathInStage, type Arrival } from './event.ts';
import { DEFAULT_STAGE, readHttpApis, type HttpApi, type HttpStage } from './model.ts';
import { readBodyOnce } from './read-body.ts';
import { answerOf, MAXIMUM_LAMBDA_BYTES, plainAnswer, type HttpAnswer } from './response.ts';
import { matchRoute } from './route-match.ts';
import { writeAnswer } from './write-answer.ts';

/** HTTP API quotas: "Payload size 10 MB", "Total combined size of request line and header values 10,240 bytes". */
const MAXIMUM_PAYLOAD_BYTES = 10 * 1024 * 1024;
const MAXIMUM_HEADER_BYTES = 10_240;
/** JSON makes at most six bytes of one, so a smaller body can't pass Lambda's limit. */
const WORTH_MEASURING_BYTES = 1024 * 1024 - 64 * 1024;

/** The HTTP APIs of a stack, as clients see them. */
export class HttpApis implements HttpEdge {
  readonly #services: EdgeServices;
  #apis: readonly HttpApi[];

  constructor(stack: Stack, services: EdgeServices) {
    this.#services = services;
    this.#apis = readHttpApis(stack, services.clock);
  }

  update(stack: Stack): void {
    this.#apis = readHttpApis(stack, this.#services.clock);
  }

  /** Whether one of the APIs has this host name. */
  has(host: string): boolean {
    return this.#apis.some(({ domain }) => domain === host);
  }

  request(req: IncomingMessage, res: ServerResponse): boolean {
    const answering = this.answer(req);
    if (!answering) return false;
    void answering.then((answer) => writeAnswer(res, answer, (error) => this.#failed(req, error)));
    return true;
  }

  /** What the API that the request is for answers, without sending it; undefined when there is none. Never rejects. */
  answer(req: IncomingMessage): Promise<HttpAnswer> | undefined {
    const found = this.#locate(req);
    return found && this.#answered(found, req);
  }

  async #answered(found: { api: HttpApi; stage: HttpStage }, req: IncomingMessage): Promise<HttpAnswer> {
    const requestId = mintId();
    const answer = await this.#answer(found, req, requestId).catch((error: unknown) => {
      // The client went away before it had sent everything.
      this.#failed(req, error);
      return plainAnswer(500, 'Internal Server Error');
    });
    return { ...answer, headers: { ...answer.headers, 'apigw-requestid': requestId } };
  }

  #failed(req: IncomingMessage, error: unknown): void {
    const message = `${req.method} ${req.url}: ${String(error)}`;
    this.#services.log({ level: 'warn', source: 'apigateway', message });
  }

  /** A host `<api id>.execute-api…` names its API; otherwise the first API with that stage or a `$default` stage. */
  #locate(req: IncomingMessage): { api: HttpApi; stage: HttpStage } | undefined {
    const host = apiIdOfHost(req.headers.host);
    const apis = host === undefined ? this.#apis : this.#apis.filter((api) => api.id === host);
    for (const name of [firstSegmentOf(req), DEFAULT_STAGE]) {
      for (const api of apis) {
        const stage = api.stages.get(name);
        if (stage) return { api, stage };
      }
    }
    return undefined;
  }

  async #answer(
    found: { api: HttpApi; stage: HttpStage },
    req: IncomingMessage,
    requestId: string,
  ): Promise<HttpAnswer> {
    const { cors } = found.api;
    const { origin } = req.headers;
    if (cors && origin !== undefined && isPreflight(req.method ?? '', req.headers)) {
      return { status: 204, headers: preflightHeaders(cors, origin), cookies: [], body: Buffer.alloc(0) };
    }
    const answer = await this.#route(found, req, requestId);
    return cors ? withCors(answer, cors, origin) : answer;
  }

  async #route(
    { api, stage }: { api: HttpApi; stage: HttpStage },
    req: IncomingMessage,
    requestId: string,
  ): Promise<HttpAnswer> {
    if (headerBytes(req) > MAXIMUM_HEADER_BYTES) return plainAnswer(431, 'Request Header Fields Too Large');
    const match = matchRoute(api.routes, { method: req.method ?? 'GET', path: pathInStage(req, stage.name) });
    if (!match) {
      this.#services.log({
        level: 'warn',
        source: `apigateway/${api.name}`,
        message: `no route for "${req.method} ${pathInStage(req, stage.name)}" and no $default: Not Found`,
      });
      return plainAnswer(404, 'Not Found');
    }
    if (!stage.throttle(match.route.key)) return plainAnswer(429, 'Too Many Requests');
    const body = await readBodyOnce(req, MAXIMUM_PAYLOAD_BYTES);
    if (!body) return plainAnswer(413, 'Request Entity Too Large');
    return this.#invoke({ api, stage, match, req, body, requestId, now: this.#services.clock.now() });
  }

  async #invoke(arrival: Arrival): Promise<HttpAnswer> {
    const { api, stage, match, req } = arrival;
    const payload = httpEvent(arrival);
    if (
      arrival.body.length > WORTH_MEASURING_BYTES &&
      Buffer.byteLength(JSON.stringify(payload)) > MAXIMUM_LAMBDA_BYTES
    )
      return plainAnswer(413, 'Request Entity Too Large');
    const event = this.#services.meter.open(`${api.name} ${match.route.key}`);
    this.#services.meter.httpRequest(event);
    const target = match.route.path === '' ? match.route.key : `${req.method}${match.route.path}`;
    const running = callIntegration(this.#services, {
      integration: match.route.integration,
      payload,
      sourceArn: executeApiArn(api, api.id, `${stage.name}/${target}`),
      event,
    });
    void running.ended.then(() => this.#services.meter.close(event));
    const outcome = await running.answer;
    if (outcome.kind !== 'ok') {
      this.#services.log({
        level: 'error',
        source: `apigateway/${api.name}`,
        message: `${match.route.key}: ${outcome.errorMessage}`,
      });
    }
    return answerOf(outcome);
  }
}

/** "API Gateway ignores CORS headers returned from your backend integration" when the API has a configuration of its own. */
function withCors(answer: HttpAnswer, cors: Cors, origin: string | undefined): HttpAnswer {
  const own = Object.entries(answer.headers).filter(([name]) => !name.startsWith('access-control-'));
  return { ...answer, headers: { ...Object.fromEntries(own), ...responseHeaders(cors, origin) } };
}

function headerBytes(req: IncomingMessage): number {
  return req.rawHeaders.reduce(
    (sum, text) => sum + text.length,
    (req.method ?? '').length + (req.url ?? '').length,
  );
}
