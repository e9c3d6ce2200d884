import { naming } from '../assembly/resource-problem.ts';
import type { Queues } from '../sqs/queues.ts';
import type { Queue } from '../sqs/queue.ts';
import type { LambdaService, Resource, Stack } from '../types.ts';
import { compilePattern, type Matches } from './pattern.ts';

/** A rule of the default event bus with an event pattern. */
export interface EventRule {
  readonly name: string;
  readonly arn: string;
  readonly matches: Matches;
  readonly targets: readonly EventTarget[];
}

export interface EventTarget {
  readonly id: string;
  readonly functionArn: string;
  readonly functionName: string;
  /** Gets what could not be handed to the function. */
  readonly deadLetters?: Queue;
}

interface RuleProperties {
  readonly EventBusName?: string;
  readonly EventPattern?: unknown;
  readonly ScheduleExpression?: string;
  readonly State?: string;
  readonly Targets?: readonly TargetProperties[];
}

interface TargetProperties {
  readonly Id?: string;
  readonly Arn?: string;
  readonly DeadLetterConfig?: { readonly Arn?: string };
  readonly [property: string]: unknown;
}

export interface EventRuleOptions {
  readonly stack: Stack;
  readonly queues: Queues;
  readonly lambda: Pick<LambdaService, 'find'>;
}

/** RetryPolicy is accepted: here a function takes an event at once or never. */
const KNOWN: ReadonlySet<string> = new Set(['Id', 'Arn', 'DeadLetterConfig', 'RetryPolicy']);

/** The rules of a template for events. Throws for what this emulator can't play, naming the resource. */
export function readEventRules(options: EventRuleOptions): readonly EventRule[] {
  return options.stack
    .ofType<RuleProperties>('AWS::Events::Rule')
    .filter(({ properties }) => properties.EventPattern !== undefined)
    .filter(({ properties }) => !properties.State?.startsWith('DISABLED'))
    .map((resource) => naming(resource, () => readRule(options, resource)));
}

function readRule(
  options: EventRuleOptions,
  { properties, ref, arn = '' }: Resource<RuleProperties>,
): EventRule {
  const { EventBusName = 'default', EventPattern, ScheduleExpression, Targets = [] } = properties;
  if (EventBusName !== 'default') throw new Error('only the default event bus is emulated');
  if (ScheduleExpression !== undefined)
    throw new Error("a rule with both a schedule and a pattern isn't emulated");
  return {
    name: ref,
    arn,
    matches: compilePattern(EventPattern),
    targets: Targets.map((target) => readTarget(options, target)),
  };
}

function readTarget({ queues, lambda }: EventRuleOptions, target: TargetProperties): EventTarget {
  const unknown = Object.keys(target).find((name) => !KNOWN.has(name));
  if (unknown !== undefined) throw new Error(`${unknown} of a target isn't emulated`);
  const { Id: id = '', Arn: functionArn = '', DeadLetterConfig } = target;
  if (!/^arn:[^:]*:lambda:[^:]*:\d*:function:/.test(functionArn))
    throw new Error(`its target ${functionArn} is no Lambda function, and no other target is emulated`);
  const found = lambda.find(functionArn);
  if ('problem' in found) throw new Error(found.problem);
  const base = { id, functionArn, functionName: found.name };
  const queueArn = DeadLetterConfig?.Arn;
  if (queueArn === undefined) return base;
  const deadLetters = queues.byArn(queueArn);
  if (deadLetters === undefined) throw new Error(`its dead-letter queue ${queueArn} is not in the template`);
  return { ...base, deadLetters };
}
