import { GENEROUS } from './generous-limits.ts';

/** Configuration of most tests: a plain object, as a user's file outside this repository would be. */
export default {
  name: 'causeway-test',
  profile: 'development',
  auth: { scryptLogN: 10, tokenTtlSeconds: 3600 },
  throttle: { loginsPerEmail: 5, loginsPerAddress: 100_000, registrationsPerAddress: 100_000 },
  limits: GENEROUS,
};
