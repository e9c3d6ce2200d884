import { GENEROUS } from '../test/support/generous-limits.ts';

/** A hundred users and one address stand for ten thousand. */
export default { name: 'causeway-crowd', profile: 'development', auth: { scryptLogN: 10 }, limits: GENEROUS };
