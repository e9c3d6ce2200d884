import { GENEROUS } from '../test/support/generous-limits.ts';

/** The bridge as people run it: default heartbeats, recovery on; one address and few users stand for many. */
export default {
  name: 'causeway-bench',
  profile: 'development',
  app: './room-application.mjs',
  limits: GENEROUS,
};
