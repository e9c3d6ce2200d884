import type { Causeway } from './causeway.ts';
import { useChat } from './chat-scenario.ts';
import { useCrowd } from './crowd-scenario.ts';
import { useDialects } from './dialects-scenario.ts';
import { useSocketIo } from './socketio-scenario.ts';

/** Configuration of a deployment with all there can be. */
export const EVERYTHING = 'test/fixtures/socketio/everything/causeway.config.ts';

/** The scenario lets a token expire, which must not be the end of its connection for another reason. */
export const LONG_LIVED = { idleSeconds: 24 * 60 * 60, lifetimeSeconds: 24 * 60 * 60 } as const;

export const SCENARIOS = {
  chat: useChat,
  socketIo: useSocketIo,
  dialects: useDialects,
  crowd: useCrowd,
} as const;
export type Scenario = keyof typeof SCENARIOS;

/** Uses everything the template declares, or a part of it, once. Throws at the first step that fails; see `stepsOf`. */
export async function useEverything(
  causeway: Causeway,
  scenarios: readonly Scenario[] = ['socketIo', 'dialects', 'crowd', 'chat'],
): Promise<void> {
  for (const scenario of scenarios) await SCENARIOS[scenario](causeway);
}
