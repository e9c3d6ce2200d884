import { RemovalPolicy } from 'aws-cdk-lib/core';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';

/** How long logs stay, and whether they outlive the stack. */
export interface LogPolicy {
  readonly retentionDays: number;
  /** Keep the group when the stack goes. */
  readonly protect: boolean;
}

/** A log group that forgets after the given days. */
export function logGroup(scope: Construct, id: string, policy: LogPolicy): LogGroup {
  return new LogGroup(scope, id, {
    // RetentionDays is an enum of these very numbers; the configuration's schema lets no other through.
    // oxlint-disable-next-line typescript/no-unsafe-enum-assignment
    retention: policy.retentionDays as RetentionDays,
    removalPolicy: policy.protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
  });
}
