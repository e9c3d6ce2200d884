/**
 * Typical times between services in one Region, milliseconds, added with `latency: 'aws'`. No trustworthy figures are
 * published for the hops of API Gateway and Lambda: those are planning guesses, in the middle of 10–20 ms. A cold start takes
 * 131 ms for a trivial Node.js function (maxday/lambda-perf, August 2026); DynamoDB answers a write in 7.6 ms at the
 * median (alexdebrie/dynamodb-performance-testing, 2020). An asynchronous hop to another function takes 73 ms at the
 * median through SNS (2022–23); Lambda's own queue is taken to be as fast: the request, the queue and the invoke.
 */
export const LATENCY_MS = {
  /** From API Gateway to a warm handler. */
  invoke: 15,
  /** On top of what starting an instance takes here (30–50 ms). */
  coldStart: 90,
  dynamodb: 8,
  post: 15,
  secretsmanager: 15,
  /** SendMessage. */
  queueApi: 15,
  /** Request to the Invoke API, without the function. */
  invokeApi: 8,
  /** An event's time in the queue of asynchronous invokes. */
  queue: 50,
} as const;
