import type { Chaos, Clock, EmulatorLogEntry, LambdaService, Meter } from '../types.ts';

/** What both kinds of API need from the rest of the emulator. */
export interface EdgeServices {
  readonly clock: Clock;
  readonly meter: Meter;
  readonly chaos: Chaos;
  readonly lambda: LambdaService;
  readonly log: (entry: EmulatorLogEntry) => void;
}
