import type { IncomingMessage } from 'node:http';
import type { IncomingEvent } from '../../types.ts';
import { executeApiArn } from '../arns.ts';
import { callIntegration, type IntegrationOutcome } from '../integration.ts';
import { queryStringOf } from '../request-parts.ts';
import type { EdgeServices } from '../services.ts';
import { authorizerEvent, type Moment, type Peer } from './events.ts';
import type { Authorizer, Stage } from './model.ts';
import { readPolicy } from './authorizer-policy.ts';

export type Verdict =
  | { readonly allowed: true; readonly context: Readonly<Record<string, string>>; readonly latencyMs: number }
  | { readonly allowed: false; readonly status: 401 | 403 | 500; readonly why: string };

export interface Asking {
  readonly authorizer: Authorizer;
  readonly peer: Peer;
  readonly stage: Stage;
  readonly moment: Moment;
  readonly req: IncomingMessage;
  readonly event: IncomingEvent;
}

const AUTHORIZER_TIMEOUT_MS = 30_000;

/** Runs the REQUEST authorizer of `$connect` (AWS: "Create an API Gateway Lambda REQUEST authorizer"). Nothing is cached. */
export async function authorize(services: EdgeServices, asking: Asking): Promise<Verdict> {
  const { authorizer, peer, stage, moment, req } = asking;
  const missing = authorizer.identitySources.find((source) => !identity(source, asking));
  if (missing !== undefined)
    return { allowed: false, status: 401, why: `identity source ${missing} is missing` };
  const methodArn = executeApiArn(peer.api, peer.api.id, `${stage.name}/$connect`);
  const startedAt = performance.now();
  const running = callIntegration(services, {
    integration: { uri: authorizer.uri, timeoutMs: AUTHORIZER_TIMEOUT_MS },
    payload: authorizerEvent(peer, moment, { req, methodArn, stageVariables: stage.variables }),
    sourceArn: executeApiArn(peer.api, peer.api.id, `authorizers/${authorizer.id}`),
    event: asking.event,
  });
  const outcome = await running.answer;
  return judge(outcome, { methodArn, latencyMs: Math.round(performance.now() - startedAt) });
}

function judge(outcome: IntegrationOutcome, call: { methodArn: string; latencyMs: number }): Verdict {
  if (outcome.kind === 'error' && outcome.errorMessage === 'Unauthorized') {
    return { allowed: false, status: 401, why: 'the authorizer threw "Unauthorized"' };
  }
  if (outcome.kind !== 'ok')
    return { allowed: false, status: 500, why: `the authorizer failed: ${outcome.errorMessage}` };
  const policy = readPolicy(outcome.payload, call.methodArn);
  if (policy.kind === 'invalid')
    return { allowed: false, status: 500, why: `the authorizer's result ${policy.why}` };
  if (policy.kind === 'deny') return { allowed: false, status: 403, why: 'the authorizer answered Deny' };
  return { allowed: true, context: policy.context, latencyMs: call.latencyMs };
}

/** "All must be present, non-null and non-empty." */
function identity(source: string, { req, stage, peer, moment }: Asking): string | undefined {
  const name = source.slice(source.lastIndexOf('.') + 1);
  if (source.startsWith('route.request.header.')) return headerOf(req, name);
  if (source.startsWith('route.request.querystring.')) {
    return new URLSearchParams(queryStringOf(req)).get(name) ?? undefined;
  }
  if (source.startsWith('stageVariables.')) return stage.variables[name];
  const context: Record<string, string> = {
    connectionId: peer.connectionId,
    requestId: moment.requestId,
    stage: stage.name,
    apiId: peer.api.id,
    domainName: peer.api.domain,
    sourceIp: peer.identity.sourceIp, // context.identity.sourceIp
    userAgent: peer.identity.userAgent ?? '',
  };
  return context[name];
}

function headerOf(req: IncomingMessage, name: string): string | undefined {
  const value = req.headers[name.toLowerCase()];
  return Array.isArray(value) ? value.join(', ') : value;
}
