import type { Later, LaterTask } from '../../../lambdas/ports/later.ts';

export interface PutOff {
  readonly task: LaterTask;
  readonly seconds: number;
}

export interface FakeLater extends Later {
  /** What was put off, in the order of the calls. */
  readonly tasks: PutOff[];
}

/** Remembers and does nothing. */
export function createFakeLater(): FakeLater {
  const tasks: PutOff[] = [];
  return {
    tasks,
    async schedule(task, seconds) {
      tasks.push({ task, seconds });
    },
  };
}
