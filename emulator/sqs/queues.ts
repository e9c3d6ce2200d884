import type { Clock, Stack } from '../types.ts';
import { readQueues } from './model.ts';
import { Queue } from './queue.ts';

/** The queues of a template, empty at the start. */
export interface Queues {
  byUrl(url: string): Queue | undefined;
  byArn(arn: string): Queue | undefined;
}

export function createQueues(stack: Stack, clock: Pick<Clock, 'now'>): Queues {
  const byArn = new Map<string, Queue>();
  for (const definition of readQueues(stack)) {
    const { redrive } = definition;
    const deadLetters = () => (redrive === undefined ? undefined : byArn.get(redrive.arn));
    byArn.set(definition.arn, new Queue(definition, clock, deadLetters));
  }
  const byUrl = new Map([...byArn.values()].map((queue) => [queue.definition.url, queue]));
  return { byUrl: (url) => byUrl.get(url), byArn: (arn) => byArn.get(arn) };
}
