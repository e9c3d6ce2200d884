import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { expect, test } from 'vitest';
import { ROOT } from '../support/causeway.ts';
import { describeTotals, noTotals, type Totals } from './report.ts';

const SEEDS = Number(process.env['CAUSEWAY_FAULT_SEEDS'] ?? 1_000);
/** Processes at a time: each has a core to itself. */
const PROCESSES = Math.min(2, cpus().length);

test(`${SEEDS} seeds of faults: nothing acknowledged is lost, nothing comes twice, nobody stays online, nothing goes unhandled`, async () => {
  const share = Math.ceil(SEEDS / PROCESSES);
  const runs = await Promise.all(
    Array.from({ length: PROCESSES }, (_, n) =>
      soak(['--from', String(1 + n * share), '--seeds', String(Math.min(share, SEEDS - n * share))]),
    ),
  );
  const totals = sum(runs.map((run) => run.totals));
  console.log(describeTotals(totals));

  expect(runs.map(({ complaints }) => complaints).filter((text) => text !== '')).toEqual([]);
  const { lost, doubled, disordered, stale, stuck, unhandled } = totals;
  expect({ lost, doubled, disordered, stale, stuck, unhandled }).toEqual({
    lost: 0,
    doubled: 0,
    disordered: 0,
    stale: 0,
    stuck: 0,
    unhandled: 0,
  });
  // And that it was a storm: what is judged has happened.
  expect(totals.runs).toBe(SEEDS);
  expect(totals.acknowledged / SEEDS).toBeGreaterThan(5);
  expect(totals.cuts / SEEDS).toBeGreaterThan(3);
  expect(totals.crashes / SEEDS).toBeGreaterThan(1);
  // Most of those who come back have missed nothing that they need to load anew.
  expect(totals.recoveries).toBeGreaterThan(totals.fresh);
}, 900_000);

test.each([
  ['a gateway that says sent and sends nothing', 'swallowedPost=0.05', 'lost'],
  ['a gateway that sends everything twice now and then', 'doubledPost=0.05', 'doubled'],
] as const)(
  'the suite notices %s',
  async (_what, sabotage, kind) => {
    const { totals } = await soak(['--seeds', '10', '--sabotage', sabotage]);
    expect(totals[kind]).toBeGreaterThan(0);
  },
  120_000,
);

interface Soaked {
  readonly totals: Totals;
  readonly complaints: string;
}

async function soak(args: readonly string[]): Promise<Soaked> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/faults/soak.ts', '--json', ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  await once(child, 'close');
  const lines = output.trim().split('\n');
  const last = lines.pop() ?? '';
  if (!last.startsWith('{')) throw new Error(`the run ended early:\n${output}\n${errors}`);
  return {
    totals: JSON.parse(last) as Totals,
    complaints: [...lines, errors.trim()].filter((line) => line !== '').join('\n'),
  };
}

function sum(all: readonly Totals[]): Totals {
  const totals = noTotals();
  for (const one of all) for (const key of Object.keys(totals) as (keyof Totals)[]) totals[key] += one[key];
  return totals;
}
