import { defineConfig } from '../../lib/config/define-config.ts';

/** The deployment of the demonstration: everything as usual, but tokens that can be outlived, and quick passwords. */
export default defineConfig({
  name: 'causeway-contracts',
  profile: 'development',
  page: false,
  auth: { tokenTtlSeconds: 300, scryptLogN: 10 },
});
