/** The default event bus: hands events to the functions whose rules match them. */
import { randomUUID } from 'node:crypto';
import type { Clock, EmulatorLogEntry, EventQueue, InvokeSource, Meter, Stack } from '../types.ts';
import { readEventRules, type EventRule, type EventRuleOptions, type EventTarget } from './model.ts';

export interface EventBusOptions extends EventRuleOptions {
  readonly stack: Stack;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Pick<Meter, 'busEvent'>;
  readonly queue: EventQueue;
  /** Whether the resource policy of a function lets a rule in. */
  readonly mayInvoke: (functionName: string, source: InvokeSource) => boolean;
  readonly log: (entry: EmulatorLogEntry) => void;
}

/** An event as PutEvents takes it. */
export interface BusEntry {
  readonly source: string;
  readonly detailType: string;
  readonly detail: unknown;
  /** Epoch milliseconds. Default: now. */
  readonly time?: number;
  readonly resources?: readonly string[];
}

export interface EventBus {
  readonly arn: string;
  /** Gives the event its id. */
  put(entry: BusEntry): string;
}

const PRINCIPAL = 'events.amazonaws.com';

export function createEventBus(options: EventBusOptions): EventBus {
  const rules = readEventRules(options);
  const { region, accountId } = options.stack;
  return {
    arn: `arn:aws:events:${region}:${accountId}:event-bus/default`,
    put(entry) {
      const event = eventOf(options, entry);
      options.meter.busEvent();
      for (const rule of rules)
        if (rule.matches(event)) for (const target of rule.targets) hand(options, { rule, target, event });
      return event.id;
    },
  };
}

interface Handing {
  readonly rule: EventRule;
  readonly target: EventTarget;
  readonly event: object;
}

function hand(options: EventBusOptions, { rule, target, event }: Handing): void {
  const { functionName, functionArn } = target;
  if (options.mayInvoke(functionName, { principal: PRINCIPAL, sourceArn: rule.arn }))
    return void options.queue.add({ functionName, payload: event, label: `${functionName} event` });
  options.log({
    level: 'error',
    source: `events/${rule.name}`,
    message: `target not called: User: ${PRINCIPAL} is not authorized to perform: lambda:InvokeFunction on resource: ${functionArn} because no resource-based policy allows the lambda:InvokeFunction action (source ${rule.arn})`,
  });
  bury(options, { rule, target, event });
}

/** "Using dead-letter queues to process undelivered events": without a policy of the queue that lets the rule in, it is lost. */
function bury({ log }: EventBusOptions, { rule, target, event }: Handing): void {
  const queue = target.deadLetters;
  if (queue === undefined) return;
  const { arn, policy } = queue.definition;
  const question = { action: 'sqs:SendMessage', resource: arn, context: { 'aws:SourceArn': rule.arn } };
  if (!policy.admits(PRINCIPAL, question)) {
    const message = `event lost: no policy of the queue ${arn} lets ${PRINCIPAL} in for ${rule.arn}`;
    return log({ level: 'error', source: `events/${rule.name}`, message });
  }
  queue.send({
    body: JSON.stringify(event),
    senderId: PRINCIPAL,
    attributes: {
      ERROR_CODE: 'NO_PERMISSIONS',
      ERROR_MESSAGE: 'Lambda function policy does not allow the rule to invoke it',
      RULE_ARN: rule.arn,
      TARGET_ARN: target.functionArn,
    },
  });
}

function eventOf({ stack, clock }: EventBusOptions, entry: BusEntry) {
  return {
    version: '0',
    id: randomUUID(),
    'detail-type': entry.detailType,
    source: entry.source,
    account: stack.accountId,
    // Whole seconds, as AWS writes them.
    time: `${new Date(entry.time ?? clock.now()).toISOString().slice(0, 19)}Z`,
    region: stack.region,
    resources: entry.resources ?? [],
    detail: entry.detail,
  };
}
