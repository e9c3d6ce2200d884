/** What functions print, as log entries. */
import type { EmulatorLogEntry } from '../types.ts';
import type { LogLevel } from './protocol.ts';

export type Log = (entry: EmulatorLogEntry) => void;

const LEVELS: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  fatal: 'error',
  critical: 'error',
};

/** A line that is a JSON object (structured loggers) becomes the entry's fields, and its own level and message hold. */
export function functionLogEntry(functionName: string, level: LogLevel, text: string): EmulatorLogEntry {
  const source = `lambda/${functionName}`;
  const fields = text.startsWith('{') ? parseObject(text) : undefined;
  if (!fields) return { level, source, message: text };
  const own = typeof fields['level'] === 'string' ? LEVELS[fields['level'].toLowerCase()] : undefined;
  const message = fields['message'] ?? fields['msg'];
  return { level: own ?? level, source, message: typeof message === 'string' ? message : text, fields };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
