/** Lambda's Invoke operation (AWS Lambda API Reference, "Invoke"). */
import type { Authorize, AwsRequest, AwsServiceHandler, Chaos, EventQueue, Meter, Stack } from '../types.ts';
import type { InvokeOutcome, LambdaService } from '../types.ts';
import { awsError } from './aws-error.ts';
import type { MeteredResponse } from './metered-response.ts';

const SERVICE = 'lambda';
const PATH = /^\/2015-03-31\/functions\/([^/?]+)\/invocations(?:\?(.*))?$/;

/** "The maximum payload size is 6 MB … for asynchronous invocations 1 MB" (the API's model, 2026; 256 KB until October 2025). */
const MOST_BYTES = { sync: 6 * 1024 * 1024, async: 1024 * 1024 };

export interface LambdaApiOptions {
  readonly stack: Pick<Stack, 'region' | 'accountId'>;
  readonly lambda: Pick<LambdaService, 'find' | 'run'>;
  readonly queue: EventQueue;
  readonly meter: Pick<Meter, 'open' | 'close'>;
  readonly chaos: Pick<Chaos, 'strikes'>;
}

interface Invoke {
  readonly type: string;
  readonly name: string;
  readonly arn: string;
  readonly payload: unknown;
}

export function createLambdaApi(options: LambdaApiOptions): AwsServiceHandler {
  return {
    service: SERVICE,
    handle: (request, authorize) => Promise.resolve(handle(request, authorize, options)),
  };
}

function handle(
  request: AwsRequest,
  authorize: Authorize,
  options: LambdaApiOptions,
): MeteredResponse | Promise<MeteredResponse> {
  const [, encodedName, query] = PATH.exec(request.path) ?? [];
  if (request.method !== 'POST' || encodedName === undefined) {
    const message = `The emulator's Lambda API only has Invoke, not ${request.method} ${request.path}`;
    return fail('UnknownOperationException', message, 404);
  }
  const fn = qualified(decodeURIComponent(encodedName), new URLSearchParams(query).get('Qualifier'));
  const found = options.lambda.find(fn);
  const arn = 'arn' in found ? found.arn : assumedArn(fn, options.stack);
  const refusal = authorize(request, 'lambda:InvokeFunction', arn);
  if (refusal !== undefined) return fail('AccessDeniedException', refusal, 403);
  if ('problem' in found) return notFound(found, arn);
  const type = request.headers['x-amz-invocation-type'] ?? 'RequestResponse';
  const payload = readPayload(request.body, type);
  if ('status' in payload) return payload;
  return perform(options, { type, name: found.name, arn, payload: payload.value });
}

function perform(
  { queue, lambda, meter, chaos }: LambdaApiOptions,
  { type, name, arn, payload }: Invoke,
): MeteredResponse | Promise<MeteredResponse> {
  if (type === 'DryRun') return { status: 204 };
  if (type === 'Event') {
    if (chaos.strikes('throttle-invoke')) return fail('TooManyRequestsException', 'Rate Exceeded.', 429);
    const { requestId } = queue.add({ functionName: name, payload, label: `${name} async` });
    return { status: 202, headers: { 'x-amzn-requestid': requestId } };
  }
  const event = meter.open(`${name} invoke`);
  return lambda.run(arn, payload, { event }).then((outcome) => {
    meter.close(event);
    return answer(outcome);
  });
}

/** "The status code in the API response doesn't reflect function errors." */
function answer(outcome: InvokeOutcome): MeteredResponse {
  if (outcome.kind === 'ok') return succeeded(outcome.payload);
  if (outcome.kind === 'error' && outcome.errorType === 'TooManyRequestsException')
    return fail(outcome.errorType, outcome.errorMessage, 429);
  if (outcome.kind === 'error' && outcome.errorType === 'ServiceException')
    return fail(outcome.errorType, outcome.errorMessage, 500);
  const errorType = outcome.kind === 'error' ? outcome.errorType : 'Sandbox.Timedout';
  return succeeded(
    { errorType, errorMessage: outcome.errorMessage, trace: [] },
    { 'x-amz-function-error': 'Unhandled' },
  );
}

function succeeded(payload: unknown, headers: Readonly<Record<string, string>> = {}): MeteredResponse {
  return {
    status: 200,
    headers: { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST', ...headers },
    body: JSON.stringify(payload) ?? 'null',
  };
}

/** An empty body is the event `{}`. Messages and codes as reported; the SDK's model calls the first RequestTooLargeException. */
function readPayload(body: Buffer, type: string): { readonly value: unknown } | MeteredResponse {
  if (type === 'Event' && body.length > MOST_BYTES.async) {
    const message = `${body.length} byte payload is too large for the Event invocation type (limit ${MOST_BYTES.async} bytes)`;
    return fail('RequestEntityTooLargeException', message, 413);
  }
  if (body.length > MOST_BYTES.sync) {
    const message = `Request must be smaller than ${MOST_BYTES.sync} bytes for the InvokeFunction operation`;
    return fail('RequestEntityTooLargeException', message, 413);
  }
  if (!['Event', 'RequestResponse', 'DryRun'].includes(type)) {
    const message = `1 validation error detected: Value '${type}' at 'invocationType' failed to satisfy constraint: Member must satisfy enum value set: [Event, RequestResponse, DryRun]`;
    return fail('ValidationException', message, 400);
  }
  try {
    return { value: body.length === 0 ? {} : (JSON.parse(body.toString()) as unknown) };
  } catch (error) {
    return fail(
      'InvalidRequestContentException',
      `Could not parse request body into json: ${String(error)}`,
      400,
    );
  }
}

function notFound(found: { readonly type: string; readonly problem: string }, arn: string): MeteredResponse {
  if (found.type === 'ResourceNotFoundException') return fail(found.type, `Function not found: ${arn}`, 404);
  return fail(found.type, found.problem, 502);
}

function qualified(name: string, qualifier: string | null): string {
  return qualifier === null ? name : `${name}:${qualifier}`;
}

function assumedArn(fn: string, { region, accountId }: Pick<Stack, 'region' | 'accountId'>): string {
  return fn.startsWith('arn:') ? fn : `arn:aws:lambda:${region}:${accountId}:function:${fn}`;
}

function fail(code: string, message: string, status: number): MeteredResponse {
  return awsError(SERVICE, { code, message, status });
}
