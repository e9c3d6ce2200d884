import type { MeterReport } from '../../emulator/types.ts';
import { runLoad, type LoadResult } from '../../test/load/load.ts';
import { meterOf, quiet, residentMb, startEmulatorProcess } from '../running-emulator.ts';
import { figure, quantile, type Suite } from '../suite.ts';

const PLAN = { clients: 200, rooms: 20, messages: 5_000, window: 1 };

/** The run that test/load asserts, with its figures. */
export const loadSuite: Suite = { name: 'load', run };

async function run(): Promise<string> {
  const emulator = await startEmulatorProcess();
  try {
    const result = await runLoad(emulator, { ...PLAN, settled: () => quiet(emulator) });
    await quiet(emulator);
    return markdown(result, await meterOf(emulator), await residentMb(emulator.process.pid));
  } finally {
    await emulator.stop('SIGTERM');
  }
}

function markdown(result: LoadResult, { total, cost }: MeterReport, memoryMb: number | undefined): string {
  const count = (value: number) => value.toLocaleString('en');
  const usd = (value: number) => `$${value.toFixed(4)}`;
  const parts = Object.entries(cost.parts).map(([part, price]) => `${part} ${usd(price)}`);
  const rows = [
    ['deliveries expected / seen', `${count(result.expectedDeliveries)} / ${count(result.deliveries)}`],
    ['missing / doubled / errors', `${result.missing} / ${result.duplicates} / ${result.errors.length}`],
    ['duration of the sending', `${figure(result.seconds)} s`],
    ['deliveries/s', figure(result.deliveries / result.seconds)],
    [
      'delivery p50 / p99, ms',
      `${figure(quantile(result.latencies, 0.5))} / ${figure(quantile(result.latencies, 0.99))}`,
    ],
    ['management POSTs', count(total.managementPosts)],
    ['Lambda invocations', count(total.lambdaInvocations)],
    ['DynamoDB read / write units', `${count(total.readUnits)} / ${count(total.writeUnits)}`],
    ['memory of the emulator afterwards', memoryMb === undefined ? 'unknown' : `${memoryMb} MB`],
    ['price on AWS by the meter, list prices', usd(cost.usd)],
    ['of which', parts.join(', ')],
  ];
  return `## ${PLAN.clients} clients, ${PLAN.rooms} rooms, ${count(PLAN.messages)} messages through the emulator

Each room sends one message at a time; members take turns. Counts and price include registering, creating the rooms,
connecting, joining and disconnecting.

| figure | value |
|---|---|
${rows.map(([label, value]) => `| ${label} | ${value} |`).join('\n')}
`;
}
