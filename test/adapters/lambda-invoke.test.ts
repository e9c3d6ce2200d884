import { afterEach, describe, expect, test, vi } from 'vitest';

import { createAsyncInvoke, createLambdaClient } from '../../lambdas/adapters/lambda/invoke-async.ts';
import { InDoubt } from '../../lambdas/domain/in-doubt.ts';

vi.stubEnv('AWS_ACCESS_KEY_ID', 'local');
vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'local');
vi.stubEnv('AWS_REGION', 'eu-west-1');
afterEach(() => vi.restoreAllMocks());

interface Sent {
  readonly hostname: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** A client whose requests are answered with these statuses, or errors, in turn. */
function clientAnswering(...answers: readonly (number | Error)[]) {
  const client = createLambdaClient();
  const sent: Sent[] = [];
  vi.spyOn(client.config.requestHandler, 'handle').mockImplementation((async (request: Sent) => {
    const answer = answers[Math.min(sent.push(request), answers.length) - 1];
    if (answer instanceof Error) throw answer;
    return { response: { statusCode: answer, headers: {}, body: undefined } };
  }) as never);
  return { invoke: createAsyncInvoke(client, 'causeway-fan-out'), sent };
}

describe('an asynchronous invoke', () => {
  test('is what the API Reference of Lambda says', async () => {
    const { invoke, sent } = clientAnswering(202);
    await invoke({ n: 1 });
    await invoke('{"n":2}');
    expect(sent).toMatchObject([
      {
        hostname: 'lambda.eu-west-1.amazonaws.com',
        method: 'POST',
        path: '/2015-03-31/functions/causeway-fan-out/invocations',
        headers: { 'x-amz-invocation-type': 'Event' },
      },
      {},
    ]);
    expect(sent.map(({ body }) => new TextDecoder().decode(body))).toEqual(['{"n":1}', '{"n":2}']);
    const authorization = sent[0]?.headers['authorization'];
    expect(authorization).toContain('/eu-west-1/lambda/aws4_request');
    expect(authorization).toMatch(/SignedHeaders=[^,]*x-amz-invocation-type/);
  });

  test('is repeated: whatever was queued twice runs twice, which the function has to expect anyway', async () => {
    const { invoke, sent } = clientAnswering(429, Object.assign(new Error('x'), { code: 'ECONNRESET' }), 202);
    await invoke({});
    expect(sent).toHaveLength(3);
  });

  test.each([429, 500])('of which nothing was queued (%i) is not in doubt', async (status) => {
    const failure: unknown = await clientAnswering(status)
      .invoke({})
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unavailable' });
    expect(failure).not.toBeInstanceOf(InDoubt);
  });

  test('that nobody answered is in doubt', async () => {
    const broken = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
    await expect(clientAnswering(broken).invoke({})).rejects.toBeInstanceOf(InDoubt);
  });

  test('that is not allowed is our fault', async () => {
    await expect(clientAnswering(403).invoke({})).rejects.toMatchObject({ code: 'internal' });
  });
});
