/**
 * `npm run bench`: measures the emulator with the real bundles against a stock socket.io server, in one run on this machine,
 * and writes bench/results.md. `npm run bench -- <suite> …` runs some suites and prints them only.
 */
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import type { Suite } from './suite.ts';
import { bridgeSuite } from './suites/bridge.ts';
import { bundlesSuite } from './suites/bundles.ts';
import { costSuite } from './suites/cost.ts';
import { fanOutSuite } from './suites/fan-out.ts';
import { importSuite } from './suites/import.ts';
import { loadSuite } from './suites/load.ts';
import { nativeRoomSuite } from './suites/native-room.ts';

const SUITES: readonly Suite[] = [
  bridgeSuite,
  nativeRoomSuite,
  loadSuite,
  fanOutSuite,
  importSuite,
  costSuite,
  bundlesSuite,
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !SUITES.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`No suite ${unknown.join(', ')}; there are ${SUITES.map(({ name }) => name).join(', ')}`);
  process.exit(1);
}

const chapters: string[] = [];
for (const suite of SUITES.filter(({ name }) => asked.length === 0 || asked.includes(name))) {
  console.error(`${suite.name} …`);
  chapters.push(await suite.run());
}
const body = chapters.join('\n');
console.log(body);
if (asked.length === 0) await writeFile(new URL('results.md', import.meta.url), heading() + body);

function heading(): string {
  const day = new Date().toISOString().slice(0, 10);
  return `# Results of \`npm run bench\`

Written by the last run (${day}, Node ${process.versions.node}, ${cpus().length} cores). Times are of that machine and of what
else it did; the ratio columns and the counts are what can be compared.

`;
}
