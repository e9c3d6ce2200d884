import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';

import { loadStack } from '../../emulator/assembly/load-stack.ts';
import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import type { Causeway } from './causeway.ts';

export type Row = Readonly<Record<string, unknown>>;

export interface OperatorTable {
  readonly client: DynamoDBDocumentClient;
  readonly tableName: string;
  /** Every row, by its keys. */
  rows(): Promise<ReadonlyMap<string, Row>>;
  close(): void;
}

/** The deployment's table, as whoever operates it may look at it. */
export function openTable({ assembly, awsEndpoint }: Causeway): OperatorTable {
  const [table] = loadStack(assembly).ofType('AWS::DynamoDB::Table');
  const tableName = table?.ref ?? '';
  const dynamo = new DynamoDBClient({
    endpoint: awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
  });
  const client = DynamoDBDocumentClient.from(dynamo);
  return {
    client,
    tableName,
    async rows() {
      const rows = new Map<string, Row>();
      let from: Row | undefined;
      do {
        const page = await client.send(
          new ScanCommand({ TableName: tableName, ConsistentRead: true, ExclusiveStartKey: from }),
        );
        for (const row of page.Items ?? []) rows.set(`${row['pk']} / ${row['sk']}`, row);
        from = page.LastEvaluatedKey;
      } while (from !== undefined);
      return rows;
    },
    close: () => dynamo.destroy(),
  };
}
