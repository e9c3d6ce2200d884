import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { ROOT } from './causeway.ts';

export interface Running {
  readonly process: ChildProcess;
  readonly origin: string;
  readonly native: string;
  readonly output: () => string;
  stop(signal: NodeJS.Signals): Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
}

/** Starts the emulator's command line as a user would and waits for its ready line. */
export async function startCommand(args: readonly string[]): Promise<Running> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'emulator/cli.ts', '--port', '0', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const exited = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const origin = await readyOrigin(child, () => output, exited);
  const health = (await (await fetch(`${origin}/_emulator/health`)).json()) as { urls: { native: string } };
  return {
    process: child,
    origin,
    native: health.urls.native,
    output: () => output,
    stop: async (signal) => {
      child.kill(signal);
      const [code, by] = await exited;
      return { code, signal: by };
    },
  };
}

async function readyOrigin(
  child: ChildProcess,
  output: () => string,
  exited: Promise<unknown>,
): Promise<string> {
  const ready = new Promise<string>((resolve) => {
    const look = () => {
      const found = /ready in .*?(http:\/\/localhost:\d+)/.exec(output())?.[1];
      if (found !== undefined) resolve(found);
    };
    child.stdout!.on('data', look);
  });
  return Promise.race([
    ready,
    exited.then(() => {
      throw new Error(`the emulator ended before it was ready:\n${output()}`);
    }),
  ]);
}
