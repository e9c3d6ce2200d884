import { naming } from '../assembly/resource-problem.ts';
import { isAssumableBy, type RoleProperties } from '../iam/function-role.ts';
import type { Resource, Stack } from '../types.ts';
import { eventOfRule, eventOfSchedule, type Tick } from './events.ts';
import { parseExpression, type Expression } from './expression.ts';

/** A schedule of EventBridge Scheduler, or a rule of EventBridge with a schedule. */
export interface Schedule {
  readonly service: 'scheduler' | 'events';
  readonly name: string;
  readonly arn: string;
  readonly expression: Expression;
  readonly startAt?: number;
  readonly endAt?: number;
  readonly targets: readonly Target[];
}

export interface Target {
  readonly functionArn: string;
  /** Logical id of the role that the service assumes; a rule may rely on the function's resource policy instead. */
  readonly roleLogicalId?: string;
  readonly event: (tick: Tick) => unknown;
}

interface TargetProperties {
  readonly Arn?: string;
  readonly RoleArn?: string;
  readonly Input?: string;
  readonly InputPath?: string;
  readonly InputTransformer?: object;
  readonly DeadLetterConfig?: object;
}

interface ScheduleProperties {
  readonly ScheduleExpression?: string;
  readonly ScheduleExpressionTimezone?: string;
  readonly GroupName?: string;
  readonly State?: string;
  readonly StartDate?: string;
  readonly EndDate?: string;
  readonly Target?: TargetProperties;
}

interface RuleProperties {
  readonly ScheduleExpression?: string;
  readonly EventPattern?: object;
  readonly State?: string;
  readonly Targets?: readonly TargetProperties[];
}

/** The schedules of a template that are switched on. Throws for what a deployment or this emulator can't do, naming the resource. */
export function readSchedules(stack: Stack): readonly Schedule[] {
  const schedules = stack
    .ofType<ScheduleProperties>('AWS::Scheduler::Schedule')
    .filter(({ properties }) => properties.State !== 'DISABLED')
    .map((resource) => naming(resource, () => readSchedule(stack, resource)));
  const rules = stack
    .ofType<RuleProperties>('AWS::Events::Rule')
    // Rules for events are those of events/model.ts.
    .filter(({ properties }) => properties.EventPattern === undefined)
    .filter(({ properties }) => !properties.State?.startsWith('DISABLED'))
    .map((resource) => naming(resource, () => readRule(stack, resource)));
  return [...schedules, ...rules];
}

function readSchedule(stack: Stack, { properties, ref, arn = '' }: Resource<ScheduleProperties>): Schedule {
  const { ScheduleExpressionTimezone: zone, GroupName = 'default', StartDate, EndDate, Target } = properties;
  if (zone !== undefined && zone !== 'UTC')
    throw new Error(`ScheduleExpressionTimezone ${zone} isn't emulated; use UTC`);
  // Trust policies of schedules name the group ("Cross-service confused deputy prevention", Scheduler User Guide).
  const group = `arn:aws:scheduler:${stack.region}:${stack.accountId}:schedule-group/${GroupName}`;
  const role = roleOf(stack, Target?.RoleArn, { principal: 'scheduler.amazonaws.com', sourceArn: group });
  if (role === undefined) throw new Error('its Target needs a RoleArn');
  return {
    service: 'scheduler',
    name: ref,
    arn,
    expression: parseExpression(properties.ScheduleExpression ?? ''),
    ...(StartDate !== undefined && { startAt: Date.parse(StartDate) }),
    ...(EndDate !== undefined && { endAt: Date.parse(EndDate) }),
    targets: [readTarget(Target, role, (tick) => eventOfSchedule(stack, tick, Target?.Input))],
  };
}

function readRule(stack: Stack, { properties, ref, arn = '' }: Resource<RuleProperties>): Schedule {
  const { ScheduleExpression = '', Targets = [] } = properties;
  const read = (target: TargetProperties) => {
    const role = roleOf(stack, target.RoleArn, { principal: 'events.amazonaws.com', sourceArn: arn });
    return readTarget(target, role, (tick) => eventOfRule(stack, tick, target.Input));
  };
  return {
    service: 'events',
    name: ref,
    arn,
    expression: parseExpression(ScheduleExpression),
    targets: Targets.map(read),
  };
}

function readTarget(
  target: TargetProperties | undefined,
  role: string | undefined,
  event: Target['event'],
): Target {
  const { Arn = '', InputPath, InputTransformer, DeadLetterConfig } = target ?? {};
  if (!/^arn:[^:]*:lambda:[^:]*:\d*:function:/.test(Arn))
    throw new Error(`its target ${Arn} is no Lambda function, and no other target is emulated`);
  const unknown = Object.entries({ InputPath, InputTransformer, DeadLetterConfig }).find(
    ([, value]) => value !== undefined,
  );
  if (unknown) throw new Error(`${unknown[0]} of a target isn't emulated`);
  return { functionArn: Arn, event, ...(role !== undefined && { roleLogicalId: role }) };
}

/** Scheduler refuses a role that it may not assume when the schedule is created. */
function roleOf(
  stack: Stack,
  roleArn: string | undefined,
  { principal, sourceArn }: { principal: string; sourceArn: string },
): string | undefined {
  if (roleArn === undefined) return undefined;
  const role = stack.ofType<RoleProperties>('AWS::IAM::Role').find(({ arn }) => arn === roleArn);
  if (role === undefined) throw new Error(`its role ${roleArn} is not in the template`);
  const context = { 'aws:SourceAccount': stack.accountId, 'aws:SourceArn': sourceArn };
  if (!isAssumableBy(role, principal, context))
    throw new Error(
      `The execution role you provide must allow AWS EventBridge to assume the role. (${role.logicalId} does not let ${principal} in)`,
    );
  return role.logicalId;
}
