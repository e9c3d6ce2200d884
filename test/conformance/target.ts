import { DEVIATIONS, type DeviationId } from './deviations.ts';

/** What the server under test has to be set to; test/fixtures/socketio/echo.config.ts says it to a deployment. */
export const SETTINGS = {
  pingIntervalMs: 300,
  pingTimeoutMs: 200,
  connectTimeoutMs: 1_000,
  maxPayloadBytes: 1_000_000,
} as const;

export interface Target {
  readonly kind: 'stock' | 'causeway';
  /** Origin of the server, known when the tests run. */
  readonly url: () => string;
  /** True when this target answers as test/conformance/deviations.ts says, and not as a stock server does. */
  readonly deviates: (id: DeviationId) => boolean;
}

export function target(kind: Target['kind'], url: () => string): Target {
  return { kind, url, deviates: (id) => kind === 'causeway' && id in DEVIATIONS };
}
