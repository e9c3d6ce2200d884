/**
 * `npm run bench`: the emulator with the real bundles against a stock socket.io server, in one run on this machine.
 * Prints the tables and writes bench/results.md. Absolute times belong to the machine; the ratios are what counts.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { runLoad, type LoadResult } from '../test/load/load.ts';
import { startCommand } from '../test/support/process.ts';
import { measureBundles, type BundleFigures } from './bundles.ts';
import { measureRoom, quantile, type RoomFigures } from './room.ts';
import { nativeRoom, stockRoom } from './talkers.ts';

const ROOM = 50;
const LOAD = { clients: 200, rooms: 20, messages: 5_000, window: 1 };
const CONFIG = ['--config', 'test/support/test.config.ts'];
const file = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));

const stock = await measureStock();
const ours = await measureOurs();
const load = await measureLoad();
const bundles = await measureBundles(file('.causeway/bundles'));
const report = markdown({ stock, ours, load, bundles });
await writeFile(file('bench/results.md'), report);
console.log(report);

async function measureStock(): Promise<RoomFigures> {
  const room = await stockRoom(ROOM);
  const figures = await measureRoom(room.talkers, { paced: 200, messages: 2_000, window: 8 });
  await room.close();
  return figures;
}

async function measureOurs(): Promise<RoomFigures> {
  const running = await startCommand(CONFIG);
  const talkers = await nativeRoom(running, ROOM);
  // Warm functions: cold starts are measured as import times below.
  for (const talker of talkers.slice(0, 10)) await talker.send('warm');
  const figures = await measureRoom(talkers, { paced: 100, messages: 400, window: 4 });
  for (const talker of talkers) await talker.close();
  await running.stop('SIGTERM');
  return figures;
}

interface LoadFigures {
  readonly result: LoadResult;
  readonly usd: number;
  readonly memoryMb: number;
}

async function measureLoad(): Promise<LoadFigures> {
  const running = await startCommand(CONFIG);
  const result = await runLoad(running, LOAD);
  const meter = (await (await fetch(`${running.origin}/_emulator/meter`)).json()) as {
    cost: { usd: number };
  };
  const memoryMb = await residentMb(running.process.pid!);
  await running.stop('SIGTERM');
  return { result, usd: meter.cost.usd, memoryMb };
}

/** Resident memory of the emulator with all functions warm; 0 where the system has no /proc. */
async function residentMb(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

function markdown(run: {
  stock: RoomFigures;
  ours: RoomFigures;
  load: LoadFigures;
  bundles: BundleFigures[];
}): string {
  const { result } = run.load;
  return `# Results of \`npm run bench\`

Written by the last run (${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cpus().length} cores). Times are of this machine; the ratio column is what counts.
Ours runs the Lambda bundles of the synthesised template through the emulator: SDK v3, loop-back HTTP, dynalite, IAM and signature checks on every call.

## Room of ${ROOM}: stock socket.io 4.8 and the native protocol, same run

| figure | stock socket.io | Causeway (emulator) | ratio |
|---|---|---|---|
${row('ack p50, ms', run.stock.ackP50, run.ours.ackP50)}
${row('delivery p50, ms', run.stock.deliveryP50, run.ours.deliveryP50)}
${row('delivery p99, ms', run.stock.deliveryP99, run.ours.deliveryP99)}
${row('deliveries/s, closed loop', run.stock.deliveriesPerSecond, run.ours.deliveriesPerSecond)}

## ${LOAD.clients} clients, ${LOAD.rooms} rooms, ${LOAD.messages.toLocaleString('en')} messages through the emulator

| figure | value |
|---|---|
| deliveries expected / seen | ${result.expectedDeliveries.toLocaleString('en')} / ${result.deliveries.toLocaleString('en')} |
| missing / doubled / errors | ${result.missing} / ${result.duplicates} / ${result.errors.length} |
| duration | ${result.seconds.toFixed(1)} s (${Math.round(result.deliveries / result.seconds).toLocaleString('en')} deliveries/s) |
| delivery p50 / p99 | ${quantile(result.latencies, 0.5).toFixed(1)} / ${quantile(result.latencies, 0.99).toFixed(1)} ms |
| emulator memory afterwards | ${run.load.memoryMb} MB |
| what AWS would have charged (list prices) | $${run.load.usd.toFixed(4)} |

## Lambda bundles

| function | bytes | gzip | import ms (median of 5) |
|---|---|---|---|
${run.bundles.map((b) => `| ${b.name} | ${b.bytes.toLocaleString('en')} | ${b.gzipBytes.toLocaleString('en')} | ${b.importMs.toFixed(1)} |`).join('\n')}
`;
}

function row(label: string, stock: number, ours: number): string {
  const digits = stock > 1000 ? 0 : 2;
  return `| ${label} | ${stock.toFixed(digits)} | ${ours.toFixed(digits)} | ${(ours / stock).toFixed(stock > 1000 ? 3 : 1)}× |`;
}
