import type { Emulator } from '../types.ts';
import type { CliOptions } from './options.ts';
import type { Terminal } from './terminal.ts';
import { watchInputs } from './watch-inputs.ts';

interface From {
  readonly options: CliOptions;
  readonly terminal: Terminal;
  /** The assembly that runs now. */
  readonly assembly: string;
}

/**
 * Follows the sources: new assemblies replace the code of the functions; when the app can't be synthesised the old code
 * keeps running. Answers a function that stops it.
 */
export async function follow(emulator: Emulator, from: From): Promise<() => void> {
  const { options, terminal } = from;
  const { synthesise, synthInputs } = await import('../synth/synthesise.ts');
  const project = { cwd: process.cwd(), configFile: options.config };
  let assembly = from.assembly;
  let watched = '';
  let stop = () => {};
  /** Whether the app depends on other files than before. */
  const watch = async (): Promise<boolean> => {
    const paths = await synthInputs({ ...project, assembly });
    if (JSON.stringify(paths) === watched) return false;
    watched = JSON.stringify(paths);
    stop();
    stop = watchInputs(paths, () => reporting(reload));
    return true;
  };
  const reload = async (): Promise<void> => {
    const startedAt = performance.now();
    const next = await synthesise(project);
    if (next === assembly) return;
    await emulator.reload(next);
    assembly = next;
    tell(terminal, 'info', `reloaded in ${Math.round(performance.now() - startedAt)} ms`);
    // What the watchers of before had noticed meanwhile went with them.
    if (await watch()) await reload();
  };
  const reporting = (action: () => Promise<void>) =>
    action().catch((error: unknown) =>
      tell(
        terminal,
        'error',
        `not reloaded, the code from before keeps running: ${(error as Error).message}`,
      ),
    );
  try {
    await watch();
  } catch (error) {
    tell(terminal, 'warn', `changes of the sources aren't followed: ${(error as Error).message}`);
  }
  return () => stop();
}

function tell(terminal: Terminal, level: 'info' | 'warn' | 'error', message: string): void {
  terminal.log({ level, source: 'emulator', message });
}
