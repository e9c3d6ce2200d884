/** Run as a process of its own by durability.test.ts: puts items until it is killed, and prints each key once it is acknowledged. */
import { writeSync } from 'node:fs';
import { createDynamoDb } from '../../../emulator/aws/dynamodb/create-dynamodb.ts';
import { loadStack } from '../../../emulator/assembly/load-stack.ts';
import type { AwsRequest } from '../../../emulator/types.ts';
import { BOARD } from '../assembly/assemblies.ts';

const dataDir = process.argv[2] ?? '';
const chaos = { delay: () => 0, strikes: () => false };
const dynamodb = await createDynamoDb({
  stack: loadStack(BOARD),
  clock: { now: Date.now, at: () => () => {} },
  chaos,
  dataDir,
  log: console.error,
});

function putRequest(id: string): AwsRequest {
  const body = Buffer.from(JSON.stringify({ TableName: 'board-connections', Item: { id: { S: id } } }));
  return {
    service: 'dynamodb',
    host: '',
    method: 'POST',
    path: '/',
    headers: { 'x-amz-target': 'DynamoDB_20120810.PutItem' },
    body,
    depth: 1,
  };
}

async function write(lane: number): Promise<never> {
  for (let number = 0; ; number++) {
    const id = `${process.pid}-${lane}-${number}`;
    const { status } = await dynamodb.handle(putRequest(id), () => undefined);
    if (status === 200) writeSync(1, `${id}\n`);
  }
}

await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map(write));
