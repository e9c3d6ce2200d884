/** What every invocation leaves behind: a count on the meter, a REPORT line, and the error if there was one. */
import type { IncomingEvent, Meter } from '../types.ts';
import type { FunctionDefinition } from './definition.ts';
import type { Log } from './log-entries.ts';
import type { PoolEnd } from './pool.ts';

export interface Run {
  readonly definition: FunctionDefinition;
  readonly requestId: string;
  readonly event: IncomingEvent;
  readonly end: PoolEnd;
}

export function reportRun(
  { definition, requestId, event, end }: Run,
  { meter, log }: { meter: Meter; log: Log },
): void {
  const { outcome, durationMs, initMs, trace } = end;
  const billedMs = billed(durationMs, initMs);
  const { name: functionName, memoryMb } = definition;
  const cold = initMs !== undefined;
  const source = `lambda/${functionName}`;
  meter.invocation(event, {
    functionName,
    billedMs,
    memoryMb,
    cold,
    outcome: outcome.kind === 'error' ? outcome.errorType : outcome.kind,
  });
  if (outcome.kind === 'timeout')
    log({ level: 'error', source, message: outcome.errorMessage, fields: { requestId } });
  if (outcome.kind === 'error') {
    const { errorType, errorMessage } = outcome;
    log({
      level: 'error',
      source,
      message: `${errorType}: ${errorMessage}`,
      fields: { requestId, errorType, errorMessage, stack: trace },
    });
  }
  log({
    level: 'debug',
    source,
    message: 'REPORT',
    fields: { requestId, durationMs, billedMs, memoryMb, ...(cold ? { initMs } : {}) },
  });
}

/** "Duration is … rounded up to the nearest 1 ms" (AWS Lambda pricing); the INIT phase is billed since August 2025. */
function billed(durationMs: number, initMs = 0): number {
  return Math.max(1, Math.ceil(durationMs + initMs));
}
