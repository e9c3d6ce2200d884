import type { Context } from 'hono';
import { Hono } from 'hono';
import { cors } from 'hono/cors';

import { limited } from '../app/rate-limit.ts';
import type { Arrival, Identity } from '../domain/entities.ts';
import { ERROR_RULES } from '../domain/error-rules.ts';
import { CausewayError } from '../domain/errors.ts';
import { REST } from '../manifest/limits.ts';
import { describeError } from '../wire/json/disclosure.ts';
import { viewerAddress } from '../domain/viewer-address.ts';
import type { RestDeps } from './deps.ts';
import { errorResponse } from './errors.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { readRequest } from './read-request.ts';

/** What the Lambda adapter of hono hands over: the HTTP API event (payload format 2.0). Absent when the app is called directly. */
export interface RestBindings {
  readonly event?: {
    readonly requestContext?: {
      readonly requestId?: string;
      readonly timeEpoch?: number;
      readonly http?: { readonly sourceIp?: string };
    };
  };
}
type RestContext = Context<{ Bindings: RestBindings }>;

/** Both prefixes answer: clients written for other back ends expect either. */
const PREFIXES = ['', '/api'] as const;

/** The REST API as a fetch handler: every operation at the root and below /api, every refusal as documented JSON. */
export function createRestApp(deps: RestDeps): Hono<{ Bindings: RestBindings }> {
  const app = new Hono<{ Bindings: RestBindings }>();
  app.use(async (c, next) => {
    await next();
    // Answers hold tokens and messages: no cache may keep them, no browser may guess another type.
    c.header('cache-control', 'no-store');
    c.header('x-content-type-options', 'nosniff');
  });
  app.use(crossOrigin(deps.corsOrigins));
  for (const operation of OPERATIONS) {
    const paths = PREFIXES.map((prefix) => prefix + honoPath(operation.path));
    app.on(operation.method, paths, (c) => serve(c, operation, deps));
  }
  app.notFound((c) => refuseRoute(c));
  app.onError((error, c) => {
    const { code } = describeError(error);
    deps.log[ERROR_RULES[code].logLevel]('request refused', { requestId: requestId(c), code, error });
    return errorResponse(error);
  });
  return app;
}

async function serve(c: RestContext, operation: Operation, deps: RestDeps): Promise<Response> {
  const identity = operation.access === 'bearer' ? await identify(c, deps) : undefined;
  const request = await readRequest(c, operation);
  const arrival = arrivalOf(c, deps);
  const of = identity === undefined ? {} : { user: identity.userId };
  const answer = await limited(deps.rates, { of, at: arrival.at }, () =>
    operation.handle(deps, {
      ...request,
      ...(identity === undefined ? {} : { identity }),
      arrival,
      address: addressOf(c, deps) ?? 'unknown',
    }),
  );
  deps.log.info('request served', { requestId: requestId(c), operation: operation.operationId });
  const { status } = operation.success;
  return status === 204 ? c.body(null, 204) : Response.json(answer, { status });
}

/** Another scheme than Bearer is as good as no token. */
function identify(c: RestContext, deps: RestDeps): Promise<Identity> {
  const token = /^Bearer\s+(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1];
  return deps.authenticator.verify(token);
}

/** The instant and id API Gateway gave the request: message ids are made of them, so that REST and sockets sort together. */
function arrivalOf(c: RestContext, deps: RestDeps): Arrival {
  return {
    at: c.env?.event?.requestContext?.timeEpoch ?? deps.clock.now(),
    requestId: requestId(c) ?? deps.ids.session(),
  };
}

function addressOf(c: RestContext, { edgeKey }: RestDeps): string | undefined {
  const sourceIp = c.env?.event?.requestContext?.http?.sourceIp;
  return viewerAddress({ headers: c.req.header(), sourceIp, edgeKey });
}

function requestId(c: RestContext): string | undefined {
  return c.env?.event?.requestContext?.requestId;
}

/** 405 with Allow where the path exists for other methods (RFC 9110, 15.5.6), else 404. */
function refuseRoute(c: RestContext): Response {
  const methods = OPERATIONS.filter((operation) => matches(operation.path, c.req.path)).map(({ method }) =>
    method.toUpperCase(),
  );
  if (methods.length === 0) return errorResponse(new CausewayError('not_found', 'No such path.'));
  const response = errorResponse(
    new CausewayError('unknown_action', `This path answers ${methods.join(', ')}.`),
  );
  response.headers.set('allow', methods.join(', '));
  return response;
}

function matches(template: string, path: string): boolean {
  const pattern = template.replaceAll(/\{\w+\}/g, '[^/]+');
  return new RegExp(`^(/api)?${pattern}$`).test(path);
}

function honoPath(template: string): string {
  return template.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Preflights need no token, so this stands before everything that asks for one. */
function crossOrigin(origins: readonly string[]) {
  return cors({
    origin: origins.includes('*') ? '*' : [...origins],
    allowMethods: ['GET', 'POST', 'DELETE'],
    allowHeaders: ['authorization', 'content-type'],
    exposeHeaders: ['retry-after'],
    maxAge: REST.corsMaxAgeSeconds,
  });
}
