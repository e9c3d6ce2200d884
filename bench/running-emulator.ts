import { readFile } from 'node:fs/promises';
import type { MeterReport } from '../emulator/types.ts';
import { TEST_CONFIG } from '../test/support/causeway.ts';
import { startCommand, type Running } from '../test/support/process.ts';

/** The emulator's command line in a process of its own, as a user would start it. */
export function startEmulatorProcess(config = TEST_CONFIG): Promise<Running> {
  return startCommand(['--config', config]);
}

export async function meterOf({ origin }: { readonly origin: string }): Promise<MeterReport> {
  return (await (await fetch(`${origin}/_emulator/meter`)).json()) as MeterReport;
}

/** Waits until everything that was set off has been counted. */
export async function quiet(running: { readonly origin: string }): Promise<void> {
  while ((await meterOf(running)).pending > 0) await new Promise((resolve) => setImmediate(resolve));
}

/** Resident memory of a process; undefined where the system has no /proc. */
export async function residentMb(pid: number | undefined): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kb = /VmRSS:\s+(\d+)/.exec(status)?.[1];
  return kb === undefined ? undefined : Math.round(Number(kb) / 1024);
}
