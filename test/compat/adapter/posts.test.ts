import { describe, expect, it } from 'vitest';

import { Posts } from '../../../compat/adapter/posts.ts';
import type { Sessions } from '../../../compat/types.ts';
import type { EngineId, SocketEntry } from '../../../lambdas/ports/socketio.ts';
import { createRecordingLog } from '../../support/fakes/fake-runtime.ts';

const entry = (name: string): SocketEntry => ({ socketId: name, sid: name as EngineId });
const tick = () => new Promise((resolve) => setImmediate(resolve));

function slowSessions(outcome: (sid: string) => 'sent' | 'gone' | 'too-large' | Error = () => 'sent') {
  const calls: string[] = [];
  const state = { active: 0, most: 0 };
  const sessions: Sessions = {
    async deliver({ sid }, packets) {
      state.active += 1;
      state.most = Math.max(state.most, state.active);
      await tick();
      state.active -= 1;
      calls.push(`${sid} ${packets.join('+')}`);
      const result = outcome(sid);
      if (result instanceof Error) throw result;
      return result;
    },
    async end() {},
  };
  return { sessions, calls, state };
}

describe('posts', () => {
  it('keep the order of each session, and send what gathers meanwhile in one call', async () => {
    const { sessions, calls } = slowSessions();
    const posts = new Posts(sessions, createRecordingLog());

    await Promise.all([
      posts.send(entry('a'), ['1']),
      posts.send(entry('a'), ['2']),
      posts.send(entry('b'), ['x']),
      posts.send(entry('a'), ['3', '4']),
    ]);
    await posts.send(entry('a'), ['5']);

    expect(calls).toEqual(['a 1', 'b x', 'a 2+3+4', 'a 5']);
  });

  it('are at most fifty at once', async () => {
    const { sessions, calls, state } = slowSessions();
    const posts = new Posts(sessions, createRecordingLog());

    await Promise.all(Array.from({ length: 120 }, (_, index) => posts.send(entry(`s${index}`), ['x'])));

    expect(calls).toHaveLength(120);
    expect(state.most).toBe(50);
  });

  it('say what became of them, and log what was nobody’s wish', async () => {
    const outcomes: Record<string, 'gone' | 'too-large' | Error> = {
      gone: 'gone',
      large: 'too-large',
      broken: new Error('throttled'),
    };
    const { sessions } = slowSessions((sid) => outcomes[sid] ?? 'sent');
    const log = createRecordingLog();
    const posts = new Posts(sessions, log);

    const results = await Promise.all(
      ['fine', 'gone', 'large', 'broken'].map((sid) => posts.send(entry(sid), ['x'])),
    );

    expect(results).toEqual(['sent', 'gone', 'too-large', 'failed']);
    expect(log.at('error')).toEqual([
      'A Socket.IO packet was too large to be sent',
      'A Socket.IO packet could not be sent',
    ]);
  });
});
