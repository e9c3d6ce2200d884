import type fc from 'fast-check';

import { type PortCall, wrapRemotePorts } from './ports.ts';

/**
 * Ports whose calls happen in the order that fast-check's scheduler chooses. `effects`: when a call takes effect is open,
 * as on a network. `answers`: it takes effect when it is made, and only its answer takes its time.
 */
export function scheduled<T extends object>(
  scheduler: fc.Scheduler,
  deps: T,
  what: 'effects' | 'answers',
): T {
  const wait = (call: PortCall) => scheduler.schedule(Promise.resolve(), call.name);
  return wrapRemotePorts(deps, async (call) => {
    if (what === 'effects') {
      await wait(call);
      return call.run();
    }
    const answer = call.run();
    await wait(call);
    return answer;
  });
}
