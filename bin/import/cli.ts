/**
 * `npm run import`: brings users, rooms and messages of another system into the table. The lines are described in
 * docs/migrate.md, the options by `--help`.
 */
import { CausewayError } from '../../lambdas/domain/errors.ts';
import { importFiles, type Summary } from './import-files.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import { forgetfulState, openState } from './state.ts';
import { openTarget } from './target.ts';
import { UsageError } from './usage-error.ts';

const stop = new AbortController();
// Once: what is in flight is finished and noted. A second Ctrl-C ends the process, which costs nothing but time.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') console.log(USAGE);
  else process.exitCode = await run(options);
} catch (error) {
  // A progress bar leaves the cursor behind it.
  console.error(`${process.stderr.isTTY ? '\n' : ''}${describe(error)}`);
  process.exitCode = 1;
}

async function run(options: Options): Promise<0 | 1> {
  const target = options.dryRun ? undefined : await openTarget(options);
  const summaries = await importFiles({
    options,
    ...(target && { target }),
    state: target === undefined ? forgetfulState() : await openState(options.state, target.identity),
    terminal: process.stderr,
    signal: stop.signal,
  });
  target?.table.client.destroy();
  for (const summary of summaries) console.log(tell(summary, options.dryRun));
  if (stop.signal.aborted) console.log('Stopped; the same command goes on from here.');
  return stop.signal.aborted || summaries.some(({ rejected }) => rejected > 0) ? 1 : 0;
}

function tell({ kind, imported, rejected, rejectsPath }: Summary, dryRun: boolean): string {
  const done = `${kind}: ${imported.toLocaleString('en')} ${dryRun ? 'good' : 'imported'}, ${rejected.toLocaleString('en')} rejected`;
  return rejected === 0 ? done : `${done}; see ${rejectsPath}`;
}

function describe(error: unknown): string {
  if (error instanceof UsageError) return error.message;
  if (!(error instanceof CausewayError))
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error.cause instanceof Error ? ` (${error.cause.name}: ${error.cause.message})` : '';
  return `${error.message}${cause}. What is done is noted; the same command goes on from here.`;
}
