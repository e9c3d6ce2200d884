/** `npm start -- [options]`: the emulator as a command. */
import { parseOptions, USAGE, UsageError } from './cli/options.ts';
import { run, type Running } from './cli/run.ts';
import { createTerminal } from './cli/terminal.ts';

const GRACE_MS = 5_000;

async function main(): Promise<void> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const terminal = createTerminal({ json: options.json, stream: process.stdout, env: process.env });
  const starting = run(options, terminal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void end(starting));
  await starting;
}

let ending = false;

/** The first signal ends cleanly, a second one at once. */
async function end(starting: Promise<Running>): Promise<void> {
  if (ending) process.exit(130);
  ending = true;
  setTimeout(() => process.exit(1), GRACE_MS).unref();
  const running = await starting.catch(() => undefined); // its error is reported by main
  await running?.stop();
  process.exit(process.exitCode ?? 0);
}

main().catch((error: unknown) => {
  const told = error instanceof UsageError || (error instanceof Error && !(error instanceof TypeError));
  process.stderr.write(`${told ? error.message : (error as Error).stack}\n`);
  // Not at once: what was started before the error has to be let go.
  process.exitCode = 1;
});
