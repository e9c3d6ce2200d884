/** `limits` under which nobody is refused: for tests and measurements of everything else. */
const MANY = { perSecond: 1_000_000, burst: 1_000_000 };

export const GENEROUS = {
  perSocket: MANY,
  perUser: MANY,
  framesPerSocket: MANY,
  connectsPerAddress: MANY,
  connectionsPerUser: 100_000,
};
