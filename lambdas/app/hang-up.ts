import type { NativeAddress } from '../ports/mail.ts';
import type { Deps } from './deps.ts';

/** Ends a native connection, so that its client comes back and asks for what it missed. */
export async function hangUp(
  { gateway, log }: Pick<Deps, 'gateway' | 'log'>,
  { connectionId, dialect }: NativeAddress,
): Promise<'done' | 'failed'> {
  try {
    await gateway.close({ connectionId, dialect });
    return 'done';
  } catch (error) {
    log.warn('a connection could not be cut', { connectionId, error });
    return 'failed';
  }
}
