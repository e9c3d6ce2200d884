import type { Log, LogFields } from '../../ports/runtime.ts';
import { redact } from './redact.ts';

const LEVELS = ['debug', 'info', 'warn', 'error', 'silent'] as const;
type Level = Exclude<(typeof LEVELS)[number], 'silent'>;

export interface LoggerOptions {
  /** `debug`, `info`, `warn`, `error` or `silent`; anything else, and its absence, mean `info`. */
  readonly level?: string | undefined;
  /** Stands in every line: the function's name, say. */
  readonly fields?: LogFields;
  /** One line without its end. Default: standard output, which Lambda sends to CloudWatch Logs. */
  readonly write?: (line: string) => void;
}

/** One JSON object a line: `{ level, time, message, …fields }`, secrets redacted (redact.ts). */
export function createLogger(options: LoggerOptions = {}): Log {
  const found = (LEVELS as readonly string[]).indexOf(options.level?.toLowerCase() ?? 'info');
  const threshold = found === -1 ? LEVELS.indexOf('info') : found;
  const write = options.write ?? ((line: string) => process.stdout.write(`${line}\n`));
  function at(level: Level): (message: string, fields?: LogFields) => void {
    if (LEVELS.indexOf(level) < threshold) return () => {};
    return (message, fields) => {
      const head = { level, time: new Date().toISOString(), message };
      const extra = redact({ ...options.fields, ...fields }) as LogFields;
      // Twice: first in order, and last in force, so that no field can pose as the level or the message.
      write(JSON.stringify({ ...head, ...extra, ...head }));
    };
  }
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}
