/**
 * Typical times between services in one Region, milliseconds, added with `latency: 'aws'`. No trustworthy figures are
 * published for the hops of API Gateway and Lambda: those are planning guesses, in the middle of 10–20 ms. A cold start takes
 * 131 ms for a trivial Node.js function (maxday/lambda-perf, August 2026); DynamoDB answers a write in 7.6 ms at the
 * median (alexdebrie/dynamodb-performance-testing, 2020).
 */
export const LATENCY_MS = {
  /** From API Gateway to a warm handler. */
  invoke: 15,
  /** On top of what starting an instance takes here (30–50 ms). */
  coldStart: 90,
  dynamodb: 8,
  post: 15,
  secretsmanager: 15,
} as const;
