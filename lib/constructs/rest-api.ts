import { HttpApi, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { accessLog } from './access-log.ts';
import type { LogPolicy } from './retained-logs.ts';

export interface RestApiProps {
  readonly apiName: string;
  /** Answers every path and method: CORS, 404 and 405 are the function's too, in one error format. */
  readonly handler: IFunction;
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  readonly logs: LogPolicy;
}

/** The HTTP API: one `$default` route on the `$default` stage, so paths need no stage prefix. Payload format 2.0. */
export class RestApi extends Construct {
  readonly url: string;

  constructor(scope: Construct, id: string, props: RestApiProps) {
    super(scope, id);
    const api = new HttpApi(this, 'Api', {
      apiName: props.apiName,
      description: 'Causeway, REST',
      createDefaultStage: false,
      defaultIntegration: new HttpLambdaIntegration('rest', props.handler),
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: props.throttle,
      accessLogSettings: accessLog(this, 'http', props.logs),
    });
    Validations.of(api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason: 'The function checks the token itself: sign-in and /openapi.json must answer without one.',
    });
    this.url = stage.url;
  }
}
