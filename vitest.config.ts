import { existsSync } from 'node:fs';

import { defineConfig } from 'vitest/config';

/** Pure code with no I/O: every branch can be reached by a test, so every branch must be. */
const EVERY_BRANCH = { branches: 100, functions: 100, lines: 100, statements: 100 };

/** Prepares what the tests of a run share, such as the synthesised assembly; written with the test support. */
const GLOBAL_SETUP = 'test/support/global-setup.ts';

/** Start processes, emulators or synths of their own: few at a time, with time to do it. */
const HEAVY = ['test/{e2e,faults,load,cdk,bundles,architecture,conformance,differential}/**/*.test.ts'];

export default defineConfig({
  test: {
    // Made for two cores; a third worker would only wait.
    pool: 'threads',
    maxWorkers: 2,
    reporters: process.env['CI'] === undefined ? ['default'] : ['default', 'json'],
    outputFile: { json: '.causeway/test-report.json' },
    globalSetup: existsSync(GLOBAL_SETUP) ? [GLOBAL_SETUP] : [],
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['test/**/*.test.ts'], exclude: HEAVY, testTimeout: 10_000 },
      },
      {
        extends: true,
        test: { name: 'heavy', include: HEAVY, testTimeout: 60_000, hookTimeout: 60_000 },
      },
    ],
    coverage: {
      provider: 'v8',
      include: ['lambdas/{domain,app,wire}/**/*.ts'],
      reporter: ['text', 'json-summary'],
      thresholds: {
        'lambdas/domain/**': EVERY_BRANCH,
        'lambdas/app/**': EVERY_BRANCH,
        'lambdas/wire/**': EVERY_BRANCH,
      },
    },
  },
});
