import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ScanCommand } from '@aws-sdk/client-dynamodb';
import { afterEach, describe, expect, it } from 'vitest';
import { boardStack } from '../assembly/assemblies.ts';
import { type Aws, startAws } from './aws.ts';

let aws: Aws | undefined;
let writer: ChildProcess | undefined;
afterEach(async () => {
  await aws?.close();
  aws = undefined;
  writer?.kill('SIGKILL');
});

/** Starts a process that writes to the tables in `dataDir` as fast as it can; gives the keys acknowledged before it was killed after `count`. */
async function writeAndKill(dataDir: string, count: number): Promise<string[]> {
  const child = (writer = spawn(
    process.execPath,
    ['--import', 'tsx', new URL('write-forever.ts', import.meta.url).pathname, dataDir],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  ));
  const acknowledged: string[] = [];
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === count) child.kill('SIGKILL');
  }
  await ended;
  return acknowledged;
}

describe('a data directory', () => {
  it('has every acknowledged write after a kill -9, and again after another', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'data-'));
    const acknowledged = [...(await writeAndKill(dataDir, 300)), ...(await writeAndKill(dataDir, 300))];
    aws = await startAws({ dataDir });
    const { Items = [] } = await aws.database().send(new ScanCommand({ TableName: 'board-connections' }));
    const kept = new Set(Items.map(({ id }) => id?.S));
    expect(acknowledged.length).toBeGreaterThanOrEqual(600);
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
  });

  it('is not opened by two emulators at once', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'data-'));
    aws = await startAws({ dataDir });
    await expect(startAws({ dataDir })).rejects.toThrow(
      /Cannot open the tables in .* Is another emulator using this data directory\?/,
    );
  });

  it('with a table of other keys is refused, not silently emptied, and left for others to open', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'data-'));
    await (await startAws({ dataDir })).close();
    const stack = boardStack(({ Resources }) => {
      Object.assign(Resources['Connections']!.Properties, {
        KeySchema: [{ AttributeName: 'key', KeyType: 'HASH' }],
        AttributeDefinitions: [{ AttributeName: 'key', AttributeType: 'S' }],
      });
    });
    await expect(startAws({ dataDir, stack })).rejects.toThrow(
      /holds the table board-connections \(Connections\) with other keys or indexes/,
    );
    aws = await startAws({ dataDir });
  });
});
