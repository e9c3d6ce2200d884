import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Emulator } from '../types.ts';
import { follow } from './follow.ts';
import type { CliOptions } from './options.ts';
import { statusText } from './status-text.ts';
import type { Terminal } from './terminal.ts';

const STATUS_EVERY_MS = 500;

export interface Running {
  /** Ends cleanly: sockets with 1001, then everything else. */
  stop(): Promise<void>;
}

/** Starts the emulator of the current folder's app, prints that it is ready, and follows changes of the sources. */
export async function run(options: CliOptions, terminal: Terminal): Promise<Running> {
  // Loaded while the app is being synthesised.
  const loading = import('../start-emulator.ts');
  const assembly = await assemblyOf(options);
  const { startEmulator } = await loading;
  const emulator = await startEmulator({
    assembly,
    port: options.port,
    latency: options.latency,
    log: (entry) => terminal.log(entry),
    ...(options.data !== undefined && { dataDir: resolve(options.data) }),
    ...(options.chaos !== undefined && { chaosSeed: options.chaos }),
    ...(options.storm !== undefined && { chaosSeed: options.storm, storm: true }),
  });
  // performance.now() counts from the start of the process.
  terminal.print(`ready in ${Math.round(performance.now())} ms  ${emulator.urls.origin}`);
  const status = setInterval(() => terminal.status(statusText(emulator.meter())), STATUS_EVERY_MS).unref();
  const stopWatching =
    options.assembly === undefined ? await follow(emulator, { options, terminal, assembly }) : () => {};
  await welcome(emulator, options, terminal);
  return {
    async stop() {
      stopWatching();
      clearInterval(status);
      terminal.close();
      await emulator.close();
    },
  };
}

async function assemblyOf(options: CliOptions): Promise<string> {
  if (options.assembly !== undefined) return resolve(options.assembly);
  const { synthesise } = await import('../synth/synthesise.ts');
  return synthesise({ cwd: process.cwd(), configFile: options.config });
}

async function welcome({ urls }: Emulator, options: CliOptions, terminal: Terminal): Promise<void> {
  if (options.welcome === undefined) return;
  try {
    const module = (await import(pathToFileURL(resolve(options.welcome)).href)) as {
      welcome?: (urls: { origin: string; native: string }) => Promise<string>;
    };
    if (!module.welcome) throw new Error(`${options.welcome} exports no function "welcome"`);
    terminal.print(await module.welcome({ origin: urls.origin, native: urls.native }));
  } catch (error) {
    terminal.log({ level: 'error', source: 'emulator', message: `no welcome: ${(error as Error).message}` });
  }
}
