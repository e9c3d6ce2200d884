import type { IncomingEvent, InvokeOutcome } from '../types.ts';
import type { EdgeServices } from './services.ts';

/** AWS_PROXY: a Lambda function. */
export interface Integration {
  readonly kind: 'lambda';
  /** Of the AWS::ApiGatewayV2::Integration, for messages. */
  readonly logicalId: string;
  readonly uri: string;
  readonly timeoutMs: number;
}

export interface Call {
  readonly integration: Pick<Integration, 'uri' | 'timeoutMs'>;
  readonly payload: unknown;
  /** Who API Gateway says it is, checked against AWS::Lambda::Permission. */
  readonly sourceArn: string;
  readonly event: IncomingEvent;
}

export type IntegrationOutcome =
  | InvokeOutcome
  | { readonly kind: 'integration-timeout'; readonly errorMessage: string };

export interface Running {
  /** What API Gateway makes of it, at the latest when the integration's time is up. */
  readonly answer: Promise<IntegrationOutcome>;
  /** The function has really ended: it runs on after an integration timeout. */
  readonly ended: Promise<void>;
}

/** Calls a function for an API. Never rejects. */
export function callIntegration(services: Pick<EdgeServices, 'lambda'>, call: Call): Running {
  const invoked = invoke(services, call);
  let timer: NodeJS.Timeout | undefined;
  const timeUp = new Promise<IntegrationOutcome>((resolve) => {
    timer = setTimeout(
      () =>
        resolve({
          kind: 'integration-timeout',
          errorMessage: `no answer in ${call.integration.timeoutMs} ms`,
        }),
      call.integration.timeoutMs,
    );
  });
  const answer = Promise.race([invoked, timeUp]).finally(() => clearTimeout(timer));
  return { answer, ended: invoked.then(() => undefined) };
}

async function invoke({ lambda }: Pick<EdgeServices, 'lambda'>, call: Call): Promise<InvokeOutcome> {
  try {
    const source = { principal: 'apigateway.amazonaws.com', sourceArn: call.sourceArn };
    return await lambda.invoke(call.integration.uri, call.payload, source, call.event);
  } catch (error) {
    return { kind: 'error', errorType: 'EmulatorError', errorMessage: String(error) };
  }
}
