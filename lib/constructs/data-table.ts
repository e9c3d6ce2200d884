import { RemovalPolicy } from 'aws-cdk-lib/core';
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import { TABLE } from '../../lambdas/manifest/table.ts';

export interface DataTableProps {
  /** Keep the table when the stack goes, and refuse to delete it. @default false */
  readonly protect?: boolean;
}

/** The single table: on demand, expiring rows, restorable to any second of the last 35 days. */
export class DataTable extends Construct {
  readonly tableName: string;
  readonly #table: Table;

  constructor(scope: Construct, id: string, props: DataTableProps = {}) {
    super(scope, id);
    const protect = props.protect ?? false;
    // Encryption at rest is always on, with a key AWS owns: it costs nothing and needs no permission.
    this.#table = new Table(this, 'Table', {
      partitionKey: { name: TABLE.partitionKey, type: AttributeType.STRING },
      sortKey: { name: TABLE.sortKey, type: AttributeType.STRING },
      timeToLiveAttribute: TABLE.timeToLive,
      billingMode: BillingMode.PAY_PER_REQUEST,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: protect,
      removalPolicy: protect ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY,
    });
    this.tableName = this.#table.tableName;
  }

  /** Allows exactly these actions (without the `dynamodb:` prefix) on the table. */
  grant(grantee: IGrantable, actions: readonly string[]): void {
    if (actions.length > 0) this.#table.grant(grantee, ...actions.map((action) => `dynamodb:${action}`));
  }
}
