import { expect, test } from 'vitest';

import { CausewayError } from '../../lambdas/domain/errors.ts';
import { consume } from '../../lambdas/handlers/later/consume.ts';
import type { LaterTask } from '../../lambdas/ports/later.ts';
import { createRecordingLog } from '../support/fakes/fake-runtime.ts';

const task = (userId: string) => ({ kind: 'presence.settle', userId, at: 7 });
const batch = (...bodies: readonly unknown[]) => ({
  Records: bodies.map((body, index) => ({ messageId: `m${index}`, body: JSON.stringify(body) })),
});

test('each message is done for itself; those that failed are named', async () => {
  const done: LaterTask[] = [];
  const log = createRecordingLog();
  const perform = async (each: LaterTask) => {
    if ((each as { userId: string }).userId === 'bad') throw new CausewayError('unavailable', 'busy');
    done.push(each);
  };
  const answer = await consume({ perform, log }, batch(task('one'), task('bad'), task('two')));
  expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  expect(done).toEqual([task('one'), task('two')]);
  expect(log.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

test('what is no task is dropped, not tried again', async () => {
  const log = createRecordingLog();
  const perform = () => Promise.reject(new Error('never called'));
  expect(await consume({ perform, log }, batch({ kind: 'unheard of' }, null))).toEqual({
    batchItemFailures: [],
  });
  expect(log.lines.map(({ level }) => level)).toEqual(['warn', 'warn']);
});

test('a fault of ours is an error in the log', async () => {
  const log = createRecordingLog();
  const perform = () => Promise.reject(new TypeError('boom'));
  expect((await consume({ perform, log }, batch(task('x')))).batchItemFailures).toHaveLength(1);
  expect(log.lines).toMatchObject([{ level: 'error', fields: { code: 'internal' } }]);
});
