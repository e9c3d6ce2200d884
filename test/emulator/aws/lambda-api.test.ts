import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createLambdaApi } from '../../../emulator/aws/lambda-api.ts';
import { createChaos, forcible } from '../../../emulator/control/chaos.ts';
import type { InvokeOutcome, QueuedEvent } from '../../../emulator/types.ts';
import { boardStack } from '../assembly/assemblies.ts';
import { type Aws, startAws } from './aws.ts';

const ARN = 'arn:aws:lambda:us-east-1:000000000000:function:worker';

let aws: Aws;
let queued: QueuedEvent[];
let ran: unknown[];
let outcome: InvokeOutcome;
let open: number;

const chaos = forcible(createChaos());

/** The board, whose role may invoke one other function; and a Lambda service that has only that one. */
beforeEach(async () => {
  [queued, ran, outcome, open] = [[], [], { kind: 'ok', payload: { answer: 42 } }, 0];
  chaos.force([]);
  const stack = boardStack(({ Resources }) => {
    const Statement = [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: [ARN, `${ARN}-gone`] }];
    const PolicyDocument = { Version: '2012-10-17', Statement };
    Resources['MayInvoke'] = {
      Type: 'AWS::IAM::Policy',
      Properties: { PolicyName: 'invoke', PolicyDocument, Roles: [{ Ref: 'BoardRole' }] },
    };
  });
  aws = await startAws({ stack });
  const api = createLambdaApi({
    stack,
    lambda: {
      find: (fn) =>
        fn === 'worker' || fn === ARN
          ? { name: 'worker', arn: ARN }
          : { type: 'ResourceNotFoundException', problem: `Function not found: ${fn}` },
      run: (_fn, payload) => {
        ran.push(payload);
        return Promise.resolve(outcome);
      },
    },
    queue: {
      add: (event) => {
        queued.push(event);
        return { requestId: 'request-1', delivered: Promise.resolve() };
      },
    },
    meter: { open: (label) => ({ id: (open += 1), label }), close: () => (open -= 1) },
    chaos,
  });
  aws.endpoint.register(api);
});
afterEach(() => aws.close());

const invoke = (
  FunctionName: string,
  InvocationType: 'Event' | 'RequestResponse' | 'DryRun' | undefined,
  Payload: unknown = { n: 1 },
) =>
  new LambdaClient(aws.as('function')).send(
    new InvokeCommand({
      FunctionName,
      InvocationType,
      ...(Payload !== null && { Payload: typeof Payload === 'string' ? Payload : JSON.stringify(Payload) }),
    }),
  );

describe('an asynchronous invoke', () => {
  it('is throttled when that strikes, and not queued', async () => {
    chaos.force(['throttle-invoke']);
    const refused = { name: 'TooManyRequestsException', $metadata: { httpStatusCode: 429 } };
    await expect(invoke('worker', 'Event')).rejects.toMatchObject(refused);
    expect(queued).toEqual([]);
    expect((await invoke('worker', 'RequestResponse')).StatusCode).toBe(200);
  });

  it.each(['worker', ARN])('of %s is accepted at once and queued', async (name) => {
    const { StatusCode, $metadata } = await invoke(name, 'Event');
    expect([StatusCode, $metadata.requestId]).toEqual([202, 'request-1']);
    expect(queued).toEqual([{ functionName: 'worker', payload: { n: 1 }, label: 'worker async' }]);
    expect(aws.calls).toMatchObject([{ operation: 'lambda:Invoke', depth: 1, outcome: 'ok' }]);
  });

  it('takes 1 MB at most', async () => {
    await invoke('worker', 'Event', JSON.stringify('x'.repeat(1024 * 1024 - 2)));
    await expect(
      invoke('worker', 'Event', JSON.stringify('x'.repeat(1024 * 1024 - 1))),
    ).rejects.toMatchObject({
      name: 'RequestEntityTooLargeException',
      message: '1048577 byte payload is too large for the Event invocation type (limit 1048576 bytes)',
      $metadata: { httpStatusCode: 413 },
    });
    expect(queued).toHaveLength(1);
  });
});

describe('a synchronous invoke', () => {
  it('answers what the function returned', async () => {
    const { StatusCode, Payload, FunctionError, ExecutedVersion } = await invoke('worker', undefined);
    expect([StatusCode, FunctionError, ExecutedVersion]).toEqual([200, undefined, '$LATEST']);
    expect(JSON.parse(Payload!.transformToString())).toEqual({ answer: 42 });
    expect([ran, open]).toEqual([[{ n: 1 }], 0]);
  });

  it('without a payload is the event {}', async () => {
    await invoke('worker', 'RequestResponse', null);
    expect(ran).toEqual([{}]);
  });

  it.each<[InvokeOutcome, string]>([
    [{ kind: 'error', errorType: 'TypeError', errorMessage: 'bad' }, 'TypeError'],
    [{ kind: 'timeout', errorMessage: 'Task timed out after 3.00 seconds' }, 'Sandbox.Timedout'],
  ])('reports the error of a function in a header: %j', async (failure, errorType) => {
    outcome = failure;
    const { StatusCode, FunctionError, Payload } = await invoke('worker', 'RequestResponse');
    expect([StatusCode, FunctionError]).toEqual([200, 'Unhandled']);
    expect(JSON.parse(Payload!.transformToString())).toMatchObject({ errorType });
  });

  it('is throttled with 429', async () => {
    outcome = { kind: 'error', errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' };
    await expect(invoke('worker', 'RequestResponse')).rejects.toMatchObject({
      name: 'TooManyRequestsException',
      $metadata: { httpStatusCode: 429 },
    });
  });

  it('takes 6 MB at most', async () => {
    const large = JSON.stringify('x'.repeat(6 * 1024 * 1024));
    await expect(invoke('worker', 'RequestResponse', large)).rejects.toMatchObject({
      name: 'RequestEntityTooLargeException',
      $metadata: { httpStatusCode: 413 },
    });
  });
});

describe('an invoke', () => {
  it('that is a dry run checks and does nothing', async () => {
    expect((await invoke('worker', 'DryRun')).StatusCode).toBe(204);
    expect([ran, queued]).toEqual([[], []]);
  });

  it('needs lambda:InvokeFunction on the function', async () => {
    await expect(invoke('other', 'Event')).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: expect.stringMatching(
        /assumed-role\/.* is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:us-east-1:000000000000:function:other because/,
      ),
      $metadata: { httpStatusCode: 403 },
    });
    await invoke('worker', 'Event');
    const { used, denied } = aws.permissions.report();
    expect(used).toContainEqual({ role: 'BoardRole', action: 'lambda:InvokeFunction', resource: ARN });
    expect(denied).toMatchObject([{ action: 'lambda:InvokeFunction' }]);
  });

  it('of a function that is not there is 404', async () => {
    await expect(invoke('worker-gone', 'Event')).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Function not found: ${ARN}-gone`,
      $metadata: { httpStatusCode: 404 },
    });
  });

  it('with text that is no JSON is refused', async () => {
    await expect(invoke('worker', 'Event', '{')).rejects.toMatchObject({
      name: 'InvalidRequestContentException',
      $metadata: { httpStatusCode: 400 },
    });
  });
});
