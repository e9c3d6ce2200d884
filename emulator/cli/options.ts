import { parseArgs } from 'node:util';

export interface CliOptions {
  readonly port: number;
  readonly json: boolean;
  readonly help: boolean;
  readonly latency: 'none' | 'aws';
  readonly config?: string;
  readonly data?: string;
  readonly chaos?: string;
  readonly storm?: string;
  readonly assembly?: string;
  readonly welcome?: string;
}

/** The user's mistake; its message is all they need to see. */
export class UsageError extends Error {}

export const USAGE = `Options:
  --port N         port for everything clients need; 0 picks a free one (default 3000)
  --config FILE    configuration of the app, instead of its own default
  --data DIR       keep tables and secrets there; in memory when absent
  --chaos SEED     seeded faults: reordering, delays, throttles, lost $disconnects
  --storm SEED     the same, and services that fail, functions that die
  --latency aws    typical AWS latencies between services
  --json           logs as JSON, one object a line
  --assembly DIR   run this synthesised cloud assembly instead of synthesising
  --welcome MODULE print what its export welcome({ origin, native }) returns
  --help           this text`;

const OPTIONS = {
  port: { type: 'string' },
  config: { type: 'string' },
  data: { type: 'string' },
  chaos: { type: 'string' },
  storm: { type: 'string' },
  latency: { type: 'string' },
  json: { type: 'boolean' },
  assembly: { type: 'string' },
  welcome: { type: 'string' },
  help: { type: 'boolean' },
} as const;

export function parseOptions(args: readonly string[]): CliOptions {
  const { port, latency, json = false, help = false, ...texts } = parse(args);
  if (port !== undefined && !(/^\d{1,5}$/.test(port) && Number(port) <= 65_535)) {
    throw new UsageError(`--port takes a number from 0 to 65535, not "${port}".`);
  }
  if (latency !== undefined && latency !== 'aws' && latency !== 'none') {
    throw new UsageError(`--latency takes "aws" or "none", not "${latency}".`);
  }
  if (texts.assembly !== undefined && texts.config !== undefined) {
    throw new UsageError(
      '--assembly names something already synthesised, so --config has no effect on it. Give one of the two.',
    );
  }
  return { port: Number(port ?? 3000), latency: latency ?? 'none', json, help, ...texts };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Node's first sentence names the option; the hints that follow are about `--`.
    const problem = (error as Error).message.split('. ', 1)[0];
    throw new UsageError(`${problem}.\n\n${USAGE}`);
  }
}
