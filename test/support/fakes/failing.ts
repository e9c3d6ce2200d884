import { CausewayError } from '../../../lambdas/domain/errors.ts';
import { wrapRemotePorts } from './ports.ts';

/** What a store says when AWS throttled it. */
export const UNAVAILABLE = new CausewayError('unavailable', 'Try again later.');

/** The same ports, but calls named `members.list` … fail: `before` they take effect, or `after` (the answer was lost). */
export function failing<T extends object>(
  deps: T,
  names: readonly string[],
  when: 'before' | 'after' = 'before',
): T {
  return wrapRemotePorts(deps, async (call) => {
    if (!names.includes(call.name)) return call.run();
    if (when === 'after') await call.run();
    throw UNAVAILABLE;
  });
}
