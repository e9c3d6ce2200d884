import { describe } from 'vitest';

import { type LocalDynamo, startDynalite } from './dynalite-server.ts';
import { dynamoDbLocalMissing, startDynamoDbLocal } from './dynamodb-local.ts';

/** A suite on each DynamoDB that runs on this machine: dynalite in process, DynamoDB Local if it is there. */
export function describeLocalDynamos(suite: (start: () => Promise<LocalDynamo>) => void): void {
  describe('dynalite', () => suite(startDynalite));
  const missing = dynamoDbLocalMissing();
  if (missing !== undefined) console.log(`DynamoDB Local is left out: ${missing}`);
  describe.skipIf(missing !== undefined)(
    `DynamoDB Local${missing === undefined ? '' : ` (skipped: ${missing})`}`,
    () => suite(startDynamoDbLocal),
  );
}
