import { existsSync } from 'node:fs';

import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** Pure code with no I/O: every branch can be reached by a test, so every branch must be. */
const EVERY_BRANCH = { branches: 100, functions: 100, lines: 100, statements: 100 };

/** Prepares what the tests of a run share, such as the synthesised assembly; written with the test support. */
const GLOBAL_SETUP = 'test/support/global-setup.ts';

/** Drive a real Chromium; skipped with a reason where there is none. */
const BROWSER = ['test/browser/**/*.test.ts'];

/** Start processes, emulators or synths of their own: few at a time, with time to do it. */
const HEAVY = [
  'test/{e2e,faults,load,cdk,bundles,architecture,conformance,differential,verbatim}/**/*.test.ts',
];

const COVERAGE: NonNullable<ViteUserConfig['test']>['coverage'] = {
  provider: 'v8',
  include: ['lambdas/{domain,app,wire}/**/*.ts', 'compat/dialects/**/*.ts'],
  // A pattern of `include` matches anywhere in a path.
  exclude: ['test/**'],
  reporter: ['text', 'json-summary'],
  thresholds: {
    'lambdas/domain/**': EVERY_BRANCH,
    'lambdas/app/**': EVERY_BRANCH,
    'lambdas/wire/**': EVERY_BRANCH,
    'compat/dialects/**': EVERY_BRANCH,
  },
};

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
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: [...HEAVY, ...BROWSER],
          testTimeout: 10_000,
        },
      },
      {
        extends: true,
        test: { name: 'heavy', include: HEAVY, testTimeout: 60_000, hookTimeout: 60_000 },
      },
      {
        extends: true,
        test: { name: 'browser', include: BROWSER, testTimeout: 60_000, hookTimeout: 120_000 },
      },
    ],
    coverage: COVERAGE,
  },
});
