import { fileURLToPath } from 'node:url';
import { startEmulator, synthesise } from '../../emulator/index.ts';
import type { Emulator, EmulatorLogEntry, EmulatorOptions } from '../../emulator/types.ts';
import { NativeClient } from './native-client.ts';
import { createRoom, register, type Person } from './rest-client.ts';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Cheap password hashes and generous throttles: what is under test is everything else. */
export const TEST_CONFIG = 'test/support/test.config.ts';

export interface Causeway extends Emulator {
  readonly logs: EmulatorLogEntry[];
  /** Directory of the cloud assembly that runs. */
  readonly assembly: string;
  connect(person: Person): Promise<NativeClient>;
  register(username: string): Promise<Person>;
  createRoom(owner: Person, others: readonly Person[]): Promise<string>;
  /** Waits until everything that was set off has been counted. */
  quiet(): Promise<void>;
}

/** The cloud assembly of this working tree under a configuration; cached by its inputs. */
export function assembly(configFile = TEST_CONFIG): Promise<string> {
  return synthesise({ cwd: ROOT, configFile });
}

/** The real thing: this tree's template and bundles on the emulator, on a free port. */
export async function startCauseway(
  options: Partial<EmulatorOptions> & { configFile?: string } = {},
): Promise<Causeway> {
  const logs: EmulatorLogEntry[] = [];
  const { configFile, ...rest } = options;
  const directory = options.assembly ?? (await assembly(configFile));
  const emulator = await startEmulator({
    port: 0,
    log: (entry) => logs.push(entry),
    ...rest,
    assembly: directory,
  });
  return {
    ...emulator,
    logs,
    assembly: directory,
    connect: (person: Person) => NativeClient.connect(`${emulator.urls.native}?token=${person.token}`),
    register: (username: string) => register(emulator.urls.origin, username),
    createRoom: (owner: Person, others: readonly Person[]) => createRoom(emulator.urls.origin, owner, others),
    quiet: () => quiet(emulator),
  };
}

async function quiet(emulator: Emulator): Promise<void> {
  while (emulator.meter().pending > 0) await new Promise((resolve) => setImmediate(resolve));
}
