/** The public door: AWS on this machine, for tests and for anything else that wants one. */
export { startEmulator } from './start-emulator.ts';
export { synthesise, type SynthesiseOptions } from './synth/synthesise.ts';
export { OPERATOR_CREDENTIALS } from './iam/credentials.ts';
export type * from './types.ts';
