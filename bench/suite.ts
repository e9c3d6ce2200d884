/** One chapter of bench/results.md. A new one is a file in suites/ and a line in run.ts. */
export interface Suite {
  /** Names it on the command line: `npm run bench -- <name>`. */
  readonly name: string;
  /** Measures, and tells it in Markdown: a `##` heading and what follows. */
  readonly run: () => Promise<string>;
}

/** A row of `| figure | stock | ours | ratio |`; the ratio is ours to stock. */
export function ratioRow(label: string, stock: number, ours: number): string {
  return `| ${label} | ${figure(stock)} | ${figure(ours)} | ${figure(ours / stock)}× |`;
}

/** Three significant digits, whole numbers from 100 on. */
export function figure(value: number): string {
  if (value >= 100) return Math.round(value).toLocaleString('en');
  return String(Number(value.toPrecision(3)));
}

export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
