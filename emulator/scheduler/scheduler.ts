/** EventBridge Scheduler, and rules of EventBridge with a schedule: they call Lambda functions asynchronously. */
import { setTimeout as wait } from 'node:timers/promises';
import type { DueWork } from '../control/due-work.ts';
import type { Permissions } from '../iam/policies.ts';
import type {
  Chaos,
  Clock,
  EmulatorLogEntry,
  EventQueue,
  InvokeSource,
  LambdaService,
  Meter,
  Stack,
} from '../types.ts';
import { readSchedules, type Schedule, type Target } from './model.ts';

export interface SchedulerOptions {
  readonly stack: Stack;
  readonly clock: Pick<Clock, 'now'>;
  readonly due: DueWork;
  readonly queue: EventQueue;
  readonly meter: Pick<Meter, 'scheduledInvoke'>;
  readonly chaos: Chaos;
  readonly lambda: Pick<LambdaService, 'find'>;
  readonly permissions: Pick<Permissions, 'authorizeRole'>;
  /** Whether the resource policy of a function lets a rule in. */
  readonly mayInvoke: (functionName: string, source: InvokeSource) => boolean;
  readonly log: (entry: EmulatorLogEntry) => void;
}

export interface Scheduler {
  /** From now on schedules run. */
  start(): void;
}

/** Real time after which a run no longer waits for the one before it: on AWS they overlap when they take longer than the interval. */
const OVERLAP_AFTER_MS = 60_000;

/** Throws for schedules that a deployment would refuse or that this emulator can't play. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const schedules = readSchedules(options.stack);
  for (const { name, targets } of schedules) {
    for (const { functionArn } of targets) {
      const found = options.lambda.find(functionArn);
      if ('problem' in found) throw new Error(`The schedule ${name} can't call its target: ${found.problem}`);
    }
  }
  return {
    start() {
      for (const schedule of schedules) new RunningSchedule(options, schedule).start();
    },
  };
}

class RunningSchedule {
  readonly #options: SchedulerOptions;
  readonly #schedule: Schedule;
  /** The run before this one. */
  #before: Promise<void> = Promise.resolve();

  constructor(options: SchedulerOptions, schedule: Schedule) {
    this.#options = options;
    this.#schedule = schedule;
  }

  /**
   * "If you do not provide a StartDate for a rate-based schedule, your schedule starts invoking the target immediately"
   * (Scheduler User Guide). A rule waits for one interval first.
   */
  start(): void {
    const { expression, service, startAt } = this.#schedule;
    const now = this.#options.clock.now();
    const begin = Math.max(now, startAt ?? now);
    const isImmediate = expression.kind === 'rate' && service === 'scheduler';
    this.#plan(isImmediate ? begin : expression.next(begin));
  }

  #plan(at: number | undefined): void {
    if (at === undefined || at > (this.#schedule.endAt ?? Infinity)) return;
    this.#options.due.at(at, () => {
      // The next one is planned first, so that a clock that is moved far finds it.
      if (this.#schedule.expression.kind !== 'at') this.#plan(this.#schedule.expression.next(at));
      return (this.#before = this.#run(at, this.#before));
    });
  }

  /** Runs that become due at once, because the clock was moved, follow one another as they would in time. */
  async #run(at: number, before: Promise<void>): Promise<void> {
    await Promise.race([before, wait(OVERLAP_AFTER_MS, undefined, { ref: false })]);
    const { chaos } = this.#options;
    const delay = chaos.delay('schedule');
    if (delay > 0) await wait(delay, undefined, { ref: false });
    const copies = chaos.strikes('duplicate-schedule') ? 2 : 1;
    const targets = Array.from({ length: copies }, () => this.#schedule.targets).flat();
    await Promise.all(targets.map((target) => this.#call(target, at)));
  }

  async #call(target: Target, at: number): Promise<void> {
    const { lambda, queue, log, meter } = this.#options;
    const { name, arn, service, expression } = this.#schedule;
    if (service === 'scheduler') meter.scheduledInvoke();
    const refusal = this.#refusal(target);
    const found = lambda.find(target.functionArn);
    const problem = refusal ?? ('problem' in found ? found.problem : undefined);
    if (problem !== undefined || 'problem' in found)
      return log({ level: 'error', source: `${service}/${name}`, message: `target not called: ${problem}` });
    await queue.add({
      functionName: found.name,
      payload: target.event({ arn, at }),
      label: `${name} ${expression.text}`,
    }).delivered;
  }

  #refusal({ functionArn, roleLogicalId }: Target): string | undefined {
    const { permissions, mayInvoke, lambda } = this.#options;
    const { name, arn } = this.#schedule;
    if (roleLogicalId !== undefined)
      return permissions.authorizeRole(
        { functionName: name, roleLogicalId },
        'lambda:InvokeFunction',
        functionArn,
      );
    const found = lambda.find(functionArn);
    const source = { principal: 'events.amazonaws.com', sourceArn: arn };
    return 'name' in found && mayInvoke(found.name, source)
      ? undefined
      : `no resource-based policy of ${functionArn} lets events.amazonaws.com in for ${arn}`;
  }
}
