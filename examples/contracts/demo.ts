/** `npm run demo:contracts`: all five documents on a fresh emulator, and what everybody saw. Exit code 1 when one was not kept. */
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';

import { startEmulator, synthesise } from '../../emulator/index.ts';
import settings from './causeway.config.ts';
import { DOCUMENTS, readDocument } from './document.ts';
import type { Page } from './page.ts';
import { play, type Play } from './play.ts';
import { brokenPromises, promisesOf, unexpectedErrors } from './promises.ts';
import { createWorld } from './world.ts';

const isColour = process.stdout.isTTY && process.env['NO_COLOR'] === undefined;
const paint = (code: number) => (text: string) => (isColour ? `\u001B[${code}m${text}\u001B[0m` : text);
const [bold, dim, red, green] = [paint(1), paint(2), paint(31), paint(32)];

async function main(): Promise<void> {
  const startedAt = performance.now();
  console.log(dim('synthesising and starting the emulator …'));
  const cwd = fileURLToPath(new URL('../../', import.meta.url));
  const assembly = await synthesise({ cwd, configFile: 'examples/contracts/causeway.config.ts' });
  const emulator = await startEmulator({ assembly, port: 0, log: () => {} });
  const world = createWorld(emulator, settings.auth?.tokenTtlSeconds ?? 0);
  try {
    let broken = 0;
    for (const name of DOCUMENTS) broken += show(await play(world, readDocument(name)));
    console.log(
      broken === 0 ? green('\nAll five documents were kept.') : red(`\n${broken} things did not happen.`),
    );
    console.log(dim(`${((performance.now() - startedAt) / 1000).toFixed(1)} s`));
    process.exitCode = broken === 0 ? 0 : 1;
  } finally {
    world.close();
    await emulator.close();
  }
}

/** Prints a play; how much of it did not happen. */
function show(played: Play): number {
  const { document, pages } = played;
  const samples = document.samples.length;
  console.log(`\n${bold(document.title)}  ${dim(`docs/contracts/${document.name}.md, ${samples} samples`)}`);
  const names = namesOf(played);
  for (const page of pages) showPage(page, names);
  const broken = [
    ...brokenPromises(played).map(
      ({ what, name, sample }) => `line ${sample.line}: “${name}” was not ${what}`,
    ),
    ...unexpectedErrors(played).map(({ page, message }) => `${page} was refused: ${String(message)}`),
  ];
  const kept = promisesOf(played).length;
  if (broken.length === 0) console.log(`  ${green('✓')} all ${kept} events and lines that its samples name`);
  for (const line of broken) console.log(`  ${red('✗')} ${line}`);
  return broken.length;
}

function showPage({ name, printed, heard }: Page, names: ReadonlyMap<string, string>): void {
  const events = countsOf(heard.map(({ event }) => event));
  console.log(`  ${bold(name)}  ${dim(events)}`);
  for (const line of printed) console.log(`    ${line.map((value) => inline(value, names)).join(' ')}`);
}

function countsOf(events: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const event of events) counts.set(event, (counts.get(event) ?? 0) + 1);
  return [...counts].map(([event, count]) => (count === 1 ? event : `${event} ×${count}`)).join(', ');
}

function inline(value: unknown, names: ReadonlyMap<string, string>): string {
  const text =
    value instanceof Error
      ? `${value.name}: ${value.message}`
      : typeof value === 'string'
        ? value
        : inspect(value, { breakLength: Infinity, depth: 5, colors: isColour });
  let short = text.replaceAll(SORTED_ID, (id) => names.get(id) ?? `…${id.slice(10, 16)}`);
  for (const [id, name] of names) short = short.replaceAll(id, name);
  return short;
}

/** Of messages and notifications; of two that differ a few digits do. */
const SORTED_ID = /\b[0-9A-HJKMNP-TV-Z]{26}\b/g;

/** Ids that a reader of the output would have to compare letter by letter. */
function namesOf({ reader, colleague, room, message }: Play): ReadonlyMap<string, string> {
  return new Map([
    [reader.id, '‹reader›'],
    [colleague.id, '‹colleague›'],
    [room, '‹room›'],
    [message, '‹message›'],
  ]);
}

await main();
