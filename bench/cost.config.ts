/** The defaults, but for what makes many clients of one address, for a day with one token. `CAUSEWAY_COST_PING_MS`: another heartbeat. */
const pingIntervalMs = process.env['CAUSEWAY_COST_PING_MS'];

export default {
  name: 'causeway-cost',
  profile: 'development',
  auth: { scryptLogN: 10, tokenTtlSeconds: 7 * 24 * 3_600 },
  throttle: { registrationsPerAddress: 100_000 },
  limits: { connectsPerAddress: { perSecond: 1_000, burst: 10_000 } },
  ...(pingIntervalMs === undefined
    ? {}
    : { heartbeat: { pingIntervalMs: Number(pingIntervalMs), pingTimeoutMs: 60_000 } }),
};
