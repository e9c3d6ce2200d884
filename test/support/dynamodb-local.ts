/** Amazon's own DynamoDB Local, the second store of the contract suite. Needs Java 17; `npm run setup:dynamodb-local` fetches it. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { LocalDynamo } from './dynalite-server.ts';

/** Where setup-dynamodb-local.ts unpacks the npm package that carries the jar. */
export const DYNAMODB_LOCAL_DIRECTORY = fileURLToPath(
  new URL('../../.causeway/dynamodb-local', import.meta.url),
);
const EMULATOR = `${DYNAMODB_LOCAL_DIRECTORY}/package/emulator`;

/** Set to `require` in CI: then a missing Java or jar fails the run instead of skipping the suite. */
const MODE = process.env['CAUSEWAY_DYNAMODB_LOCAL'];

/** Why the suite cannot run on DynamoDB Local here; undefined when it can. */
export function dynamoDbLocalMissing(): string | undefined {
  const reason = missingPiece();
  if (reason !== undefined && MODE === 'require')
    throw new Error(`CAUSEWAY_DYNAMODB_LOCAL=require, but ${reason}`);
  return reason;
}

function missingPiece(): string | undefined {
  if (MODE === 'off') return 'CAUSEWAY_DYNAMODB_LOCAL=off';
  if (!existsSync(`${EMULATOR}/DynamoDBLocal.jar`)) return 'its jar is absent: npm run setup:dynamodb-local';
  if (spawnSync('java', ['-version']).status !== 0)
    return 'there is no Java on the PATH (17 or newer is needed)';
  return undefined;
}

export async function startDynamoDbLocal(): Promise<LocalDynamo> {
  const port = await freePort();
  const child = spawn(
    'java',
    [
      `-Djava.library.path=${EMULATOR}/DynamoDBLocal_lib`,
      '-jar',
      `${EMULATOR}/DynamoDBLocal.jar`,
      '-inMemory',
      '-disableTelemetry',
      '-port',
      String(port),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      // It leaves a metadata file in its working directory.
      cwd: DYNAMODB_LOCAL_DIRECTORY,
      env: { ...process.env, DDB_LOCAL_TELEMETRY: '0' },
    },
  );
  const endpoint = `http://127.0.0.1:${port}`;
  await untilAnswering(endpoint, child);
  return {
    endpoint,
    close: async () => {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    },
  };
}

/** It prints its banner before it listens, so the first HTTP answer, whatever it says, is the sign of life. */
async function untilAnswering(endpoint: string, child: ChildProcess): Promise<void> {
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended: ${output}`);
    const answered = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill('SIGKILL');
  throw new Error(`DynamoDB Local did not answer in 60 s: ${output}`);
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
