import { HttpApi, HttpMethod, HttpStage } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Stack, Validations } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { SOCKETIO_PATH } from '../../lambdas/manifest/routes.ts';
import { accessLog } from './access-log.ts';
import type { LogPolicy } from './retained-logs.ts';

export interface RestApiProps {
  readonly apiName: string;
  /** Answers every path and method: CORS, 404 and 405 are the function's too, in one error format. */
  readonly handler: IFunction;
  /** Answers below /socket.io, any method: Socket.IO's long polling. */
  readonly polling: IFunction;
  readonly throttle: { readonly rateLimit: number; readonly burstLimit: number };
  readonly logs: LogPolicy;
}

/** The HTTP API on the `$default` stage, so paths need no stage prefix. Payload format 2.0. */
export class RestApi extends Construct {
  readonly url: string;
  /** Host name of the API. */
  readonly domainName: string;

  constructor(scope: Construct, id: string, props: RestApiProps) {
    super(scope, id);
    const api = new HttpApi(this, 'Api', {
      apiName: props.apiName,
      description: 'Causeway, REST and Socket.IO polling',
      createDefaultStage: false,
      defaultIntegration: new HttpLambdaIntegration('rest', props.handler),
    });
    // Stock clients ask for `/socket.io/`. A route key must not end in a slash; reports differ on which of these two keys
    // takes such a path, and each without the other is known to leave it to `$default` for somebody.
    const integration = new HttpLambdaIntegration('polling', props.polling);
    for (const path of [SOCKETIO_PATH, `${SOCKETIO_PATH}/{proxy+}`])
      api.addRoutes({ path, methods: [HttpMethod.ANY], integration });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: props.throttle,
      accessLogSettings: accessLog(this, 'http', props.logs),
    });
    Validations.of(api).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'The functions check tokens themselves: sign-in, /openapi.json and the handshake of Socket.IO must answer without one.',
    });
    this.url = stage.url;
    const { region, urlSuffix } = Stack.of(this);
    this.domainName = `${api.apiId}.execute-api.${region}.${urlSuffix}`;
  }
}
