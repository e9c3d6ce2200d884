import { Duration } from 'aws-cdk-lib/core';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  ApplicationLogLevel,
  Architecture,
  Code,
  Function as LambdaFunction,
  LoggingFormat,
  Runtime,
  SystemLogLevel,
} from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';

import { logGroup, type LogPolicy } from './retained-logs.ts';

export interface BundledFunctionProps {
  readonly description: string;
  /** Directory with the bundled `index.mjs` and nothing else. */
  readonly bundle: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  readonly logs: LogPolicy;
}

/** A Lambda function on arm64 with a role and a log group of its own; it may write to that group and do nothing else. */
export class BundledFunction extends LambdaFunction {
  constructor(scope: Construct, id: string, props: BundledFunctionProps) {
    const logs = logGroup(scope, `${id}-logs`, props.logs);
    const role = new Role(scope, `${id}-role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    super(scope, id, {
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: Code.fromAsset(props.bundle),
      memorySize: props.memoryMb,
      timeout: Duration.seconds(props.timeoutSeconds),
      environment: { ...props.environment },
      role,
      logGroup: logs,
      loggingFormat: LoggingFormat.JSON,
      // The functions' own logger filters by level; Lambda's filter would only judge its lines a second time.
      applicationLogLevelV2: ApplicationLogLevel.TRACE,
      // No START and REPORT line per invocation: they would be most of what is logged, and Lambda's metrics say the same.
      systemLogLevelV2: SystemLogLevel.WARN,
    });
    // Instead of AWSLambdaBasicExecutionRole, which may write to every log group of the account.
    logs.grantWrite(role);
  }
}
