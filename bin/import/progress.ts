import type { FileState } from './state.ts';

/** What progress is written to; process.stderr is one. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface Progress {
  readonly show: (state: FileState) => void;
  /** The last word about the file. */
  readonly finish: (state: FileState) => void;
}

/** A bar is drawn again ten times a second; where nobody watches, a line every ten seconds tells that it is alive. */
const EVERY_MS = { bar: 100, line: 10_000 };
const BAR = 24;

/** Progress by bytes: how many lines a file has is only known at its end. */
export function createProgress(
  terminal: Terminal,
  file: { readonly name: string; readonly size: number; readonly from: FileState },
): Progress {
  const bar = terminal.isTTY === true;
  const started = performance.now();
  let shown = bar ? -Infinity : started;
  const describe = (state: FileState) => {
    const seconds = (performance.now() - started) / 1_000;
    return text(file, state, seconds);
  };
  return {
    show: (state) => {
      const now = performance.now();
      if (now - shown < (bar ? EVERY_MS.bar : EVERY_MS.line)) return;
      shown = now;
      terminal.write(bar ? `\r${fit(describe(state), terminal)}\u001B[K` : `${describe(state)}\n`);
    },
    finish: (state) =>
      terminal.write(bar ? `\r${fit(describe(state), terminal)}\u001B[K\n` : `${describe(state)}\n`),
  };
}

function text(
  { name, size, from }: { readonly name: string; readonly size: number; readonly from: FileState },
  state: FileState,
  seconds: number,
): string {
  const share = size === 0 ? 1 : Math.min(1, state.offset / size);
  const filled = Math.round(share * BAR);
  const done = state.imported + state.rejected;
  const rate = seconds > 0 ? (done - from.imported - from.rejected) / seconds : 0;
  const bytes = state.offset - from.offset;
  const left = bytes > 0 ? ((size - state.offset) / bytes) * seconds : Number.NaN;
  const remaining = share < 1 && Number.isFinite(left) ? `, ${Math.ceil(left)} s left` : '';
  return (
    `${name.padEnd(8)} [${'#'.repeat(filled)}${'.'.repeat(BAR - filled)}] ${Math.floor(share * 100)}% ` +
    `${count(done)} lines, ${count(Math.round(rate))}/s, ${count(state.rejected)} rejected${remaining}`
  );
}

/** A line that wraps would not be drawn over. */
function fit(line: string, { columns }: Terminal): string {
  return columns === undefined ? line : line.slice(0, columns - 1);
}

function count(value: number): string {
  return value.toLocaleString('en');
}
