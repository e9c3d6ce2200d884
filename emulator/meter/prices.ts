/**
 * List prices of us-east-1 in US dollars, without free tier or volume discounts. Each price names where it was read and
 * when; prices change, so check before quoting.
 */
export interface Price {
  /** Dollars for `per` units. */
  readonly usd: number;
  readonly per: number;
  readonly unit: string;
  readonly source: string;
  /** Year and month of the source. */
  readonly date: string;
}

const MILLION = 1_000_000;

export const PRICES = {
  webSocketMessages: {
    usd: 1,
    per: MILLION,
    unit: 'message, per started 32 KB, either direction',
    source: 'Amazon API Gateway pricing (via awsforengineers.com, awsnegotiations.com)',
    date: '2026-06',
  },
  connectionMinutes: {
    usd: 0.25,
    per: MILLION,
    unit: 'minute of an open WebSocket',
    source: 'Amazon API Gateway pricing (via amnic.com)',
    date: '2026-01',
  },
  httpRequests: {
    usd: 1,
    per: MILLION,
    unit: 'HTTP API request',
    source: 'Amazon API Gateway pricing (via amnic.com)',
    date: '2026-01',
  },
  lambdaRequests: {
    usd: 0.2,
    per: MILLION,
    unit: 'invocation',
    source: 'AWS Lambda pricing (via cloudchipr.com)',
    date: '2025-08',
  },
  lambdaArm64: {
    usd: 0.0000133334,
    per: 1,
    unit: 'GB-second, arm64; INIT is billed',
    source: 'AWS Lambda pricing (via cloudchipr.com)',
    date: '2025-08',
  },
  lambdaX86: {
    usd: 0.0000166667,
    per: 1,
    unit: 'GB-second, x86_64; INIT is billed',
    source: 'AWS Lambda pricing (via cloudchipr.com)',
    date: '2025-08',
  },
  dynamodbReads: {
    usd: 0.125,
    per: MILLION,
    unit: 'read request unit, on-demand',
    source: 'Amazon DynamoDB pricing since 2024-11-01 (via airbyte.com)',
    date: '2025-07',
  },
  dynamodbWrites: {
    usd: 0.625,
    per: MILLION,
    unit: 'write request unit, on-demand',
    source: 'Amazon DynamoDB pricing since 2024-11-01 (via airbyte.com)',
    date: '2025-07',
  },
  secretsManagerCalls: {
    usd: 0.05,
    per: 10_000,
    unit: 'API call',
    source: 'AWS Secrets Manager pricing',
    date: 'from memory, unchecked',
  },
  scheduledInvokes: {
    usd: 1,
    per: MILLION,
    unit: 'call of a target by EventBridge Scheduler',
    source: 'Amazon EventBridge pricing (via the AWS price list; us-east-1 figure from memory)',
    date: '2026-05',
  },
  queueRequests: {
    usd: 0.4,
    per: MILLION,
    unit: 'request to a standard queue of SQS, per started 64 KB',
    source: 'Amazon SQS pricing, without the first million of a month that is free',
    date: 'from memory, unchecked',
  },
  busEvents: {
    usd: 1,
    per: MILLION,
    unit: 'event put on a bus, per started 64 KB',
    source: 'Amazon EventBridge pricing, custom events',
    date: 'from memory, unchecked',
  },
  edgeRequests: {
    usd: 0.01,
    per: 10_000,
    unit: 'HTTPS request to CloudFront, US and Europe; a WebSocket is one',
    source: 'Amazon CloudFront pricing (via cur.vantage.sh)',
    date: '2026-01',
  },
  edgeFunctionRuns: {
    usd: 0.1,
    per: MILLION,
    unit: 'run of a CloudFront Function',
    source: 'Amazon CloudFront pricing (via cur.vantage.sh)',
    date: '2026-01',
  },
  egress: {
    usd: 0.09,
    per: 2 ** 30,
    unit: 'byte sent to clients over WebSockets',
    source: 'Amazon EC2 on-demand pricing, data transfer out, first 10 TB',
    date: '2025-07',
  },
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof PRICES;

/** What `quantity` units cost. */
export function costOf(name: PriceName, quantity: number): number {
  return (quantity / PRICES[name].per) * PRICES[name].usd;
}
