import { defineConfig } from './lib/config/define-config.ts';

/** The deployment: `npm start` and `cdk deploy` both read it. Keys and defaults: lib/config/define-config.ts. */
export default defineConfig({
  name: 'causeway',
  profile: 'development',
});
