import type { EmulatorLogEntry } from '../types.ts';
import { errorAnswer, type EdgeAnswer, type EdgeProblem } from './edge-answer.ts';
import { changedRequest, functionEvent, generatedResponse, InvalidResult } from './function-event.ts';
import type { Behavior, Distribution } from './model.ts';
import { OriginChoice, type ChosenOrigin } from './origin-choice.ts';
import type { Forwarding } from './origin-request.ts';
import type { ResponseHeaders } from './response-headers.ts';
import { isGetWithBody, isTooLong, type ViewerRequest } from './viewer-request.ts';

/** What CloudFront does with a request: pass it on, or answer it. */
export type Decision = { readonly ranFunction: boolean } & (
  | ({
      readonly kind: 'origin';
      readonly request: ViewerRequest;
      readonly answerHeaders: ResponseHeaders;
      readonly distributionArn: string;
    } & Forwarding)
  | { readonly kind: 'answer'; readonly answer: EdgeAnswer }
);

export interface Circumstances {
  readonly distribution: Distribution;
  readonly requestId: string;
  readonly isUpgrade: boolean;
  readonly now: number;
  readonly log: (entry: EmulatorLogEntry) => void;
}

/** Finds the behaviour, checks what it allows, and runs its function. */
export async function decide(request: ViewerRequest, circumstances: Circumstances): Promise<Decision> {
  const { distribution, requestId, isUpgrade } = circumstances;
  const behavior = distribution.behaviors.find(({ matches }) => matches(request.uri)) as Behavior;
  const problem = problemOf(request, behavior);
  if (problem) return { kind: 'answer', ranFunction: false, answer: errorAnswer(problem, requestId) };
  const common = {
    answerHeaders: behavior.headers,
    distributionArn: distribution.arn,
    policy: behavior.policy,
    domain: distribution.domain,
    requestId,
    isUpgrade,
  };
  if (!behavior.fn)
    return { kind: 'origin', ranFunction: false, request, origin: behavior.origin, ...common };
  const outcome = await runFunction(request, behavior, circumstances);
  if ('answer' in outcome) return { kind: 'answer', ranFunction: true, answer: outcome.answer };
  return { kind: 'origin', ranFunction: true, ...outcome, ...common };
}

function problemOf(request: ViewerRequest, { methods }: Behavior): EdgeProblem | undefined {
  if (isTooLong(request)) return 'too-long';
  if (!methods.has(request.method)) return 'method';
  return isGetWithBody(request) ? 'body-of-get' : undefined;
}

type Outcome =
  | { readonly answer: EdgeAnswer }
  | { readonly request: ViewerRequest; readonly origin: ChosenOrigin };

async function runFunction(
  request: ViewerRequest,
  behavior: Behavior,
  { distribution, requestId, now, log }: Circumstances,
): Promise<Outcome> {
  const source = `cloudfront/${behavior.fn?.name}`;
  const choice = new OriginChoice(distribution, behavior.origin);
  const context = { distributionDomainName: distribution.domain, distributionId: distribution.id, requestId };
  try {
    const result = await behavior.fn?.run(functionEvent(request, context), {
      cloudfront: choice.helpers,
      now,
      log: (message) => log({ level: 'info', source, message }),
    });
    const generated = generatedResponse(result);
    if (generated) return { answer: { ...generated, cache: 'FunctionGeneratedResponse' } };
    return { request: changedRequest(request, result as object), origin: choice.origin };
  } catch (error) {
    const isInvalid = error instanceof InvalidResult;
    log({ level: 'error', source, message: `${request.method} ${request.uri}: ${String(error)}` });
    return { answer: errorAnswer(isInvalid ? 'function-invalid' : 'function-failed', requestId) };
  }
}
