import { CausewayError } from '../../domain/errors.ts';
import { ERROR_RULES } from '../../domain/error-rules.ts';
import type { LaterTask } from '../../ports/later.ts';
import type { Log } from '../../ports/runtime.ts';
import { decodeLaterTask } from '../../wire/later-task.ts';

/** The parts of Lambda's SQS event that are read (AWS "Using Lambda with Amazon SQS"). */
export interface QueueEvent {
  readonly Records: readonly { readonly messageId: string; readonly body: string }[];
}

/** Names the messages that are to come again (AWS "Implementing partial batch responses"). */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

interface ConsumeDeps {
  readonly perform: (task: LaterTask) => Promise<void>;
  readonly log: Log;
}

/** Each message for itself: one that fails does not hold the others up. Those that can never succeed are dropped. */
export async function consume(deps: ConsumeDeps, { Records }: QueueEvent): Promise<BatchAnswer> {
  const failed = await Promise.all(
    Records.map(async ({ messageId, body }) =>
      (await succeeds(deps, messageId, body)) ? [] : [{ itemIdentifier: messageId }],
    ),
  );
  return { batchItemFailures: failed.flat() };
}

async function succeeds({ perform, log }: ConsumeDeps, messageId: string, body: string): Promise<boolean> {
  const task = decodeLaterTask(body);
  if (task === undefined) {
    log.warn('a message of the queue is no task', { messageId });
    return true;
  }
  try {
    await perform(task);
    log.debug('a task was done', { messageId, kind: task.kind });
    return true;
  } catch (error) {
    const code = error instanceof CausewayError ? error.code : 'internal';
    log[ERROR_RULES[code].logLevel]('a task failed', { messageId, kind: task.kind, code, error });
    return false;
  }
}
