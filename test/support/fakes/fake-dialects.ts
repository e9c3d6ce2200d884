import type { DomainEvent, EventKind } from '../../../lambdas/domain/events.ts';
import type { Dialects } from '../../../lambdas/ports/dialect.ts';

export interface FakeDialects extends Dialects {
  /** How often an event was encoded. */
  encoded(): number;
}

/** Frames are the events themselves as JSON. Has no word for the `silent` kinds. */
export function createFakeDialects(silent: readonly EventKind[] = []): FakeDialects {
  let encoded = 0;
  return {
    native: {
      encode(event: DomainEvent) {
        encoded += 1;
        return silent.includes(event.kind) ? undefined : JSON.stringify(event);
      },
    },
    encoded: () => encoded,
  };
}
