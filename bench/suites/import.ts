import { once } from 'node:events';
import { createWriteStream } from 'node:fs';

import { startImport } from '../../test/import/support/command.ts';
import { createFolder, type Folder } from '../../test/import/support/files.ts';
import { startDynalite } from '../../test/support/dynalite-server.ts';
import { createTestTable } from '../../test/support/dynamo-table.ts';
import { residentMb } from '../running-emulator.ts';
import { figure, type Suite } from '../suite.ts';

const MESSAGES = 100_000;
const USERS = 500;
const ROOMS = 100;
const SAMPLE_MS = 100;

/** `npm run import` in a process of its own, on dynalite in this one. */
export const importSuite: Suite = { name: 'import', run };

interface Measured {
  readonly seconds: number;
  /** Resident memory of the importer, in the order of time. */
  readonly samples: readonly number[];
}

async function run(): Promise<string> {
  const folder = createFolder();
  const dynamo = await startDynalite();
  try {
    const { client, tableName } = await createTestTable(dynamo.endpoint);
    client.destroy();
    const args = ['--table', tableName, '--endpoint', dynamo.endpoint, '--state', folder.path('state.json')];
    await measure([...people(folder), ...args]);
    const messages = await writeMessages(folder.path('messages.ndjson'));
    return markdown(await measure(['--messages', messages, ...args]));
  } finally {
    await dynamo.close();
    folder.remove();
  }
}

async function measure(args: readonly string[]): Promise<Measured> {
  const started = performance.now();
  const command = startImport(args);
  const samples: number[] = [];
  const timer = setInterval(() => {
    void residentMb(command.process.pid).then((mb) => mb !== undefined && samples.push(mb));
  }, SAMPLE_MS);
  const { code, output } = await command.ended.finally(() => clearInterval(timer));
  if (code !== 0) throw new Error(`the import failed:\n${output}`);
  return { seconds: (performance.now() - started) / 1_000, samples };
}

function people(folder: Folder): readonly string[] {
  const createdAt = '2024-01-01T00:00:00Z';
  const users = Array.from({ length: USERS }, (_, n) => ({ id: `u-${n}`, username: `user ${n}`, createdAt }));
  const rooms = Array.from({ length: ROOMS }, (_, n) => ({
    id: `r-${n}`,
    createdAt,
    participants: users.slice(0, 10).map(({ id }) => id),
  }));
  return ['--users', folder.write('users.ndjson', users), '--rooms', folder.write('rooms.ndjson', rooms)];
}

async function writeMessages(path: string): Promise<string> {
  const file = createWriteStream(path);
  const start = Date.parse('2024-01-01T00:00:00Z');
  for (let id = 0; id < MESSAGES; id += 1) {
    const line = {
      id,
      roomId: `r-${id % ROOMS}`,
      senderId: `u-${(id * 7) % USERS}`,
      content: `Message number ${id}, as long as messages usually are: a sentence or two, no more.`,
      createdAt: start + id * 250,
    };
    if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, 'drain');
  }
  file.end();
  await once(file, 'finish');
  return path;
}

function markdown({ seconds, samples }: Measured): string {
  const at = (share: number) => samples[Math.floor(share * (samples.length - 1))];
  const mb = (value: number | undefined) => (value === undefined ? 'unknown' : `${value} MB`);
  return `## Import of ${MESSAGES.toLocaleString('en')} messages

\`npm run import\` (docs/migrate.md) into dynalite, which runs in another process on the same machine and is what takes most
of the time. ${ROOMS} rooms, ${USERS} senders. Memory is that of the importer, sampled every ${SAMPLE_MS} ms.

| figure | value |
|---|---|
| duration, start of the process included | ${figure(seconds)} s |
| messages/s | ${figure(MESSAGES / seconds)} |
| resident memory after a quarter of the time / half / three quarters / at the end | ${[0.25, 0.5, 0.75, 1].map((share) => mb(at(share))).join(' / ')} |
| resident memory at most | ${mb(samples.length === 0 ? undefined : Math.max(...samples))} |
`;
}
