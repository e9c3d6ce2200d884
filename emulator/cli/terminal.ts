import type { EmulatorLogEntry } from '../types.ts';

/** Where lines go. Lines and the status line share one screen. */
export interface Terminal {
  log(entry: EmulatorLogEntry): void;
  /** For people: the welcome text. As an entry when logs are JSON. */
  print(text: string): void;
  /** Replaces the status line; nothing unless standard output is a terminal that shows people text. */
  status(text: string): void;
  /** Removes the status line for good. */
  close(): void;
}

const CLEAR_LINE = '\r\u001b[K';
const COLORS = { debug: 90, info: 36, warn: 33, error: 31 } as const;

export function createTerminal(options: {
  json: boolean;
  stream: NodeJS.WriteStream;
  env: NodeJS.ProcessEnv;
}): Terminal {
  const { json, stream } = options;
  return json
    ? jsonTerminal(stream)
    : prettyTerminal(stream, stream.isTTY && options.env['NO_COLOR'] === undefined);
}

function jsonTerminal(stream: NodeJS.WriteStream): Terminal {
  const log = (entry: EmulatorLogEntry) =>
    stream.write(`${JSON.stringify({ time: new Date().toISOString(), ...entry })}\n`);
  return {
    log,
    print: (text) => log({ level: 'info', source: 'emulator', message: text }),
    status: () => {},
    close: () => {},
  };
}

function prettyTerminal(stream: NodeJS.WriteStream, colored: boolean): Terminal {
  let current = '';
  const write = (text: string) =>
    stream.write(current === '' ? `${text}\n` : `${CLEAR_LINE}${text}\n${current}`);
  return {
    log: (entry) => {
      if (entry.level !== 'debug') write(pretty(entry, colored));
    },
    print: write,
    status: (text) => {
      if (!stream.isTTY || text === current) return;
      // Longer than the screen it would wrap and could not be cleared.
      current = text.slice(0, (stream.columns || 80) - 1);
      stream.write(`${CLEAR_LINE}${current}`);
    },
    close: () => {
      if (current !== '') stream.write(CLEAR_LINE);
      current = '';
    },
  };
}

function pretty({ level, source, message, fields }: EmulatorLogEntry, colored: boolean): string {
  const time = new Date().toTimeString().slice(0, 8);
  const mark = colored ? `\u001b[${COLORS[level]}m${level.padEnd(5)}\u001b[0m` : level.padEnd(5);
  const rest = fields && Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : '';
  return source === 'emulator' && level === 'info' ? message : `${time} ${mark} ${source}  ${message}${rest}`;
}
