import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Stack } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

export interface SweepScheduleProps {
  readonly handler: IFunction;
}

/** Runs a function every minute, the shortest period EventBridge Scheduler knows. */
export class SweepSchedule extends Construct {
  constructor(scope: Construct, id: string, { handler }: SweepScheduleProps) {
    super(scope, id);
    const role = new Role(this, 'Role', {
      // AWS "Confused deputy prevention in EventBridge Scheduler".
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [handler.functionArn] }),
    );
    // Not the L2 target: it also allows every version and alias, and has retries of a day by default.
    const schedule = new CfnSchedule(this, 'Schedule', {
      description: 'Heartbeats of Socket.IO sessions',
      scheduleExpression: 'rate(1 minute)',
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: handler.functionArn,
        roleArn: role.roleArn,
        // A missed minute is made up for by the next one.
        retryPolicy: { maximumRetryAttempts: 0, maximumEventAgeInSeconds: 60 },
      },
    });
    schedule.node.addDependency(role);
  }
}
