import type { Scenario } from '../stage.ts';
import { ACKS } from './acks.ts';
import { CLUSTER } from './cluster.ts';
import { DISCONNECTS } from './disconnects.ts';
import { MIDDLEWARE } from './middleware.ts';
import { NAMESPACES } from './namespaces.ts';
import { ROOMS } from './rooms.ts';
import { IN_MEMORY, STATE } from './state.ts';

/** What must look the same on both servers, listed deviations aside. */
export const SCENARIOS: readonly Scenario[] = [
  ...ACKS,
  ...ROOMS,
  ...NAMESPACES,
  ...MIDDLEWARE,
  ...STATE,
  ...IN_MEMORY,
  ...CLUSTER,
  ...DISCONNECTS,
];
