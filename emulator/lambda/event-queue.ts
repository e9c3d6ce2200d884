/** Asynchronous invokes: Lambda's queue of events for each function, with its retries ("Invoking a function asynchronously"). */
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { DueWork } from '../control/due-work.ts';
import type {
  Chaos,
  Clock,
  EventQueue,
  InvokeOutcome,
  LambdaService,
  Meter,
  QueuedEvent,
  Stack,
} from '../types.ts';
import { LATENCY_MS } from './latency.ts';
import type { Log } from './log-entries.ts';
import { sendFailure, type Destinations } from './destinations.ts';
import { isThrottle, retryPolicyOf, waitBeforeRetry, type Tries } from './retry-policy.ts';

export interface EventQueueOptions {
  readonly stack: Stack;
  readonly clock: Pick<Clock, 'now'>;
  readonly meter: Pick<Meter, 'open' | 'close' | 'queuedInvoke'>;
  readonly chaos: Chaos;
  readonly lambda: Pick<LambdaService, 'run'>;
  readonly due: DueWork;
  readonly latency: 'none' | 'aws';
  /** Where events go that failed every time. Default: nowhere. */
  readonly destinations?: Destinations;
  readonly log: Log;
}

interface Entry extends QueuedEvent {
  readonly requestId: string;
  readonly queuedAt: number;
}

const NO_TRIES: Tries = { errors: 0, throttles: 0 };

export function createEventQueue(options: EventQueueOptions): EventQueue {
  return {
    add(queued) {
      const entry = { ...queued, requestId: randomUUID(), queuedAt: options.clock.now() };
      // "It's possible for it to receive the same event multiple times because the queue itself is eventually consistent."
      const copies = options.chaos.strikes('duplicate-invoke') ? 2 : 1;
      const deliveries = Array.from({ length: copies }, () => attempt(options, entry, NO_TRIES));
      for (const delivery of deliveries) options.due.follow(delivery);
      return { requestId: entry.requestId, delivered: Promise.all(deliveries).then(() => undefined) };
    },
  };
}

/** One delivery. Its incoming event is open from now on, so that a meter that shows nothing pending has counted it. */
async function attempt(options: EventQueueOptions, entry: Entry, tries: Tries): Promise<void> {
  const event = options.meter.open(entry.label);
  options.meter.queuedInvoke();
  const delay = options.chaos.delay('async-invoke') + (options.latency === 'aws' ? LATENCY_MS.queue : 0);
  if (delay > 0) await wait(delay, undefined, { ref: false });
  const outcome = await options.lambda.run(entry.functionName, entry.payload, {
    event,
    requestId: entry.requestId,
  });
  options.meter.close(event);
  if (outcome.kind === 'ok') return;
  const next = isThrottle(outcome)
    ? { ...tries, throttles: tries.throttles + 1 }
    : { ...tries, errors: tries.errors + 1 };
  const policy = retryPolicyOf(options.stack, entry.functionName);
  const pause = waitBeforeRetry(policy, outcome, next);
  const now = options.clock.now();
  if (pause !== undefined && now + pause - entry.queuedAt <= policy.maximumAgeMs)
    return void options.due.at(now + pause, () => attempt(options, entry, next));
  giveUp(options, entry, { outcome, tries: next, isTooOld: pause !== undefined });
}

interface End {
  readonly outcome: Exclude<InvokeOutcome, { kind: 'ok' }>;
  readonly tries: Tries;
  readonly isTooOld: boolean;
}

function giveUp(options: EventQueueOptions, entry: Entry, { outcome, tries, isTooOld }: End): void {
  const { functionName, requestId, payload } = entry;
  const attempts = tries.errors + tries.throttles;
  const queue = options.destinations?.get(functionName);
  const { region, accountId } = options.stack;
  if (queue !== undefined)
    sendFailure(queue, {
      requestId,
      functionArn: `arn:aws:lambda:${region}:${accountId}:function:${functionName}`,
      condition: isTooOld ? 'EventAgeExceeded' : 'RetriesExhausted',
      attempts,
      payload,
      error: {
        errorMessage: outcome.errorMessage,
        ...(outcome.kind === 'error' && { errorType: outcome.errorType }),
      },
      at: options.clock.now(),
    });
  options.log({
    level: 'error',
    source: `lambda/${functionName}`,
    message: `asynchronous event given up after ${attempts} attempts: ${outcome.errorMessage}`,
    fields: { requestId },
  });
}
