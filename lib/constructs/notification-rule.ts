import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Duration } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import { NOTIFICATION_EVENT } from '../../lambdas/manifest/routes.ts';
import { deadLetters } from './dead-letters.ts';

export interface NotificationRuleProps {
  readonly handler: IFunction;
}

/** Hands events of the default bus that are notifications to a function. Those it can't be given wait in a queue of their own. */
export class NotificationRule extends Construct {
  constructor(scope: Construct, id: string, { handler }: NotificationRuleProps) {
    super(scope, id);
    new Rule(this, 'Rule', {
      description: 'Notifications put on the default event bus',
      eventPattern: { source: [NOTIFICATION_EVENT.source], detailType: [NOTIFICATION_EVENT.detailType] },
      targets: [
        new LambdaFunction(handler, {
          deadLetterQueue: deadLetters(this, 'Undelivered'),
          // A day is EventBridge's default. What comes an hour late still belongs into somebody's list.
          maxEventAge: Duration.hours(1),
        }),
      ],
    });
  }
}
