import { CfnOutput, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

import type { FunctionName } from '../lambdas/manifest/routes.ts';
import type { Config } from './config/schema.ts';
import { DataTable } from './constructs/data-table.ts';
import { Functions } from './constructs/functions.ts';
import { GatewayLogRole } from './constructs/gateway-log-role.ts';
import { NativeApi } from './constructs/native-api.ts';
import { RestApi } from './constructs/rest-api.ts';
import { SigningSecret } from './constructs/signing-secret.ts';

export interface CausewayStackProps {
  readonly config: Config;
  /** Function name → directory with its bundle. */
  readonly bundles: Readonly<Record<FunctionName, string>>;
}

/** All of Causeway's back end. Knows no account and no region, so it deploys wherever the credentials point. */
export class CausewayStack extends Stack {
  constructor(scope: Construct, id: string, { config, bundles }: CausewayStackProps) {
    super(scope, id, { description: 'Causeway: serverless chat over WebSockets' });
    const { name, stage: throttle } = config;
    const protect = config.profile === 'production';
    const logs = { retentionDays: config.logs.retentionDays, protect };

    const table = new DataTable(this, 'Data', { protect });
    const secret = config.auth.builtIn ? new SigningSecret(this, 'Signing', { protect }) : undefined;
    const native = new NativeApi(this, 'Native', { apiName: `${name}-native`, throttle, logs });
    if (config.logs.accountRole)
      native.stage.node.addDependency(new GatewayLogRole(this, 'GatewayLogs').account);

    const functions = new Functions(this, 'Functions', { config, bundles, table, secret, native, logs })
      .byName;
    native.route({
      authorizer: functions['native-authorizer'],
      connect: functions['native-connect'],
      disconnect: functions['native-disconnect'],
      message: functions['native-message'],
    });
    const rest = new RestApi(this, 'Rest', {
      apiName: `${name}-http`,
      handler: functions.rest,
      throttle,
      logs,
    });

    new CfnOutput(this, 'HttpUrl', { value: rest.url, description: 'REST' });
    new CfnOutput(this, 'NativeUrl', { value: native.url, description: 'Native WebSocket protocol' });
    new CfnOutput(this, 'TableName', { value: table.tableName });
  }
}
