import { CreateTableCommand, waitUntilTableExists } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { createDynamoClient } from '../../lambdas/adapters/dynamodb/client.ts';
import { TABLE } from '../../lambdas/manifest/table.ts';

/** Neither local DynamoDB checks credentials, but the SDK wants some to sign with. */
process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
process.env['AWS_REGION'] ??= 'eu-west-1';

export interface TestTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
}

/** Creates the single table, keyed as lib declares it, on a local DynamoDB. */
export async function createTestTable(endpoint: string): Promise<TestTable> {
  // Patient: on a busy machine a retry after the usual 3 s would turn CreateTable into ResourceInUseException.
  const client = createDynamoClient({ endpoint, timeoutsMs: { connect: 30_000, request: 30_000 } });
  const tableName = 'causeway-test';
  await client.send(
    new CreateTableCommand({
      TableName: tableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: TABLE.partitionKey, AttributeType: 'S' },
        { AttributeName: TABLE.sortKey, AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: TABLE.partitionKey, KeyType: 'HASH' },
        { AttributeName: TABLE.sortKey, KeyType: 'RANGE' },
      ],
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 20, minDelay: 1 }, { TableName: tableName });
  return { client, tableName };
}
