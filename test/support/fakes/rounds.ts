import { setImmediate } from 'node:timers/promises';

import { type PortCall, wrapRemotePorts } from './ports.ts';

/**
 * Measures how deep calls of ports wait for one another. Calls are held until nothing else can happen, then all that are
 * waiting are carried out at once: one round. The number of rounds is the serial depth; no clock is involved.
 */
export async function measureRounds<D extends object, R>(
  deps: D,
  work: (deps: D) => Promise<R>,
): Promise<{ readonly rounds: readonly (readonly string[])[]; readonly result: PromiseSettledResult<R> }> {
  const rounds: string[][] = [];
  const waiting: { readonly call: PortCall; readonly release: () => void }[] = [];
  const measured = wrapRemotePorts(deps, async (call) => {
    await new Promise<void>((release) => waiting.push({ call, release }));
    return call.run();
  });
  let settled = false;
  const outcome = Promise.allSettled([work(measured)]).finally(() => (settled = true));
  for (;;) {
    // A macrotask comes after all microtasks: whatever could go on without an answer has gone on.
    await setImmediate();
    if (settled) return { rounds, result: (await outcome)[0] };
    if (waiting.length === 0) throw new Error('the use case waits for something that is no port');
    const round = waiting.splice(0);
    rounds.push(round.map(({ call }) => call.name).toSorted());
    for (const { release } of round) release();
  }
}
