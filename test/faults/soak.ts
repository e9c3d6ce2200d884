/**
 * `npm run soak`: runs seeds of the in-memory tier until it is stopped, or `--seeds N`. `--seed S` plays one again, with
 * everything that crossed the network when `--trace` is given. `--large`: more clients, more to do. `--without a,b`: faults left out;
 * `--sabotage a=0.1`: faults that no plan has.  `--except 15,828`: seeds left out; `--json`: the totals as the last line.
 */
import { parseArgs } from 'node:util';
import { LARGE, SMALL } from './plan.ts';
import { add, complaint, describeTotals, noTotals } from './report.ts';
import { runSeed, type Outcome } from './run-seed.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    large: { type: 'boolean', default: false },
    trace: { type: 'boolean', default: false },
    without: { type: 'string', default: '' },
    sabotage: { type: 'string', default: '' },
    except: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});

const EVERY = 500;
const except = new Set(values.except.split(','));
const totals = noTotals();
const without = values.without.split(',').filter((name) => name !== '');
const sabotage = Object.fromEntries(
  values.sabotage.split(',').flatMap((fault) => {
    const [name, rate] = fault.split('=');
    return name === undefined || rate === undefined ? [] : [[name, Number(rate)]];
  }),
);
const options = { scale: values.large ? LARGE : SMALL, without, sabotage };
let current = '';

process.on('unhandledRejection', (error) => {
  totals.unhandled += 1;
  console.error(`seed ${current}: unhandled rejection`, error);
});
process.on('SIGINT', end);

if (values.seed === undefined) await soak(Number(values.from), Number(values.seeds ?? Infinity));
else await replay(values.seed);
end();

async function soak(from: number, count: number): Promise<void> {
  for (let n = from; n < from + count; n++) {
    if (!except.has(String(n))) await one(String(n));
    if (!values.json && totals.runs % EVERY === 0) console.log(`${describeTotals(totals)}\n`);
  }
}

async function replay(seed: string): Promise<void> {
  const trace = (at: number, line: string) => console.log(`${String(at).padStart(9)} ${line.slice(0, 300)}`);
  const outcome = await one(seed, values.trace ? trace : undefined);
  for (const { level, message, fields } of outcome.world.log.lines)
    if (level === 'warn' || level === 'error') console.log(level, message, fields);
  console.log(outcome.plan.weather, outcome.counts);
}

async function one(seed: string, trace?: (at: number, line: string) => void): Promise<Outcome> {
  current = seed;
  const outcome = await runSeed(seed, { ...options, ...(trace === undefined ? {} : { trace }) });
  add(totals, outcome);
  const flags = `${values.large ? ' --large' : ''}${values.without === '' ? '' : ` --without ${values.without}`}`;
  const wrong = complaint(outcome, `--seed ${seed}${flags} --trace`);
  if (wrong !== undefined) console.log(wrong);
  return outcome;
}

function end(): never {
  console.log(values.json ? JSON.stringify(totals) : describeTotals(totals));
  const { lost, doubled, disordered, stale, stuck, unhandled } = totals;
  process.exit(lost + doubled + disordered + stale + stuck + unhandled === 0 ? 0 : 1);
}
