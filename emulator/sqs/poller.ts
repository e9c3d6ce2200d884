/** Lambda's pollers: they give the messages of queues to functions ("Using Lambda with Amazon SQS", Lambda Developer Guide). */
import { setTimeout as wait } from 'node:timers/promises';
import { systemAttributes } from '../aws/sqs.ts';
import type { DueWork } from '../control/due-work.ts';
import type { Chaos, EmulatorLogEntry, InvokeOutcome, LambdaService, Meter, Stack } from '../types.ts';
import type { Mapping } from './mappings.ts';
import type { Received } from './queue.ts';

export interface PollerOptions {
  readonly stack: Pick<Stack, 'region'>;
  readonly due: DueWork;
  readonly meter: Pick<Meter, 'open' | 'close' | 'queueRequests'>;
  readonly chaos: Chaos;
  readonly lambda: Pick<LambdaService, 'run'>;
  readonly log: (entry: EmulatorLogEntry) => void;
}

/** From now on the function of the mapping gets what comes into its queue. */
export function startPoller(options: PollerOptions, mapping: Mapping): void {
  const { queue } = mapping;
  let cancel = () => {};
  const plan = () => {
    cancel();
    const next = queue.next();
    if (next !== undefined) cancel = options.due.at(next, poll);
  };
  const poll = async () => {
    const batches: Promise<void>[] = [];
    for (;;) {
      const batch = queue.receive(mapping.batchSize);
      if (batch.length === 0) break;
      batches.push(deliver(options, mapping, batch));
    }
    plan();
    await Promise.all(batches);
  };
  queue.listeners.add(plan);
  plan();
}

/** Messages that were handled are deleted; the others are seen again when their visibility timeout is over. */
async function deliver(options: PollerOptions, mapping: Mapping, batch: readonly Received[]): Promise<void> {
  const { meter, chaos, log } = options;
  const { queue, functionName } = mapping;
  const event = meter.open(`${functionName} sqs`);
  const delay = chaos.delay('async-invoke');
  if (delay > 0) await wait(delay, undefined, { ref: false });
  const payload = { Records: batch.map((message) => recordOf(options, mapping, message)) };
  // A standard queue delivers at least once.
  const copies = chaos.strikes('duplicate-invoke') ? 2 : 1;
  const outcomes = await Promise.all(
    Array.from({ length: copies }, () => options.lambda.run(functionName, payload, { event })),
  );
  const failed = failedOf(mapping, batch, outcomes[0]);
  if (failed.size < batch.length) meter.queueRequests(2);
  else meter.queueRequests(1);
  for (const { id, receiptHandle } of batch) if (!failed.has(id)) queue.delete(receiptHandle);
  meter.close(event);
  if (failed.size > 0)
    log({
      level: 'warn',
      source: `sqs/${queue.definition.name}`,
      message: `${failed.size} of ${batch.length} messages were not handled by ${functionName} and will be seen again`,
      fields: { outcome: outcomes[0]?.kind },
    });
}

/** Ids of the messages that stay ("Implementing partial batch responses"): all of them unless the answer can be read. */
function failedOf(
  { reportsItems }: Mapping,
  batch: readonly Received[],
  outcome: InvokeOutcome | undefined,
): ReadonlySet<string> {
  const all = new Set(batch.map(({ id }) => id));
  if (outcome?.kind !== 'ok') return all;
  const failures = (outcome.payload as { batchItemFailures?: unknown } | null | undefined)?.batchItemFailures;
  if (!reportsItems || failures === undefined || failures === null) return new Set();
  if (!Array.isArray(failures)) return all;
  const ids = failures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  return ids.every((id) => typeof id === 'string' && all.has(id)) ? new Set(ids as string[]) : all;
}

function recordOf({ stack }: PollerOptions, { queue }: Mapping, message: Received): object {
  return {
    messageId: message.id,
    receiptHandle: message.receiptHandle,
    body: message.body,
    attributes: systemAttributes(message),
    messageAttributes: Object.fromEntries(
      Object.entries(message.attributes).map(([name, stringValue]) => [
        name,
        { stringValue, stringListValues: [], binaryListValues: [], dataType: 'String' },
      ]),
    ),
    md5OfBody: message.md5,
    eventSource: 'aws:sqs',
    eventSourceARN: queue.definition.arn,
    awsRegion: stack.region,
  };
}
