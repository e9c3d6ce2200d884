/**
 * Who may import whom (ARCHITECTURE.md). A layer is a folder and the folders it may import, besides itself; what it may
 * take from npm and from Node stands beside it. `npm run deps` checks; test/architecture shows that each rule bites.
 */

/** Bare specifiers of Node's own modules: a pure layer may import none. */
const NODE = { dependencyTypes: ['core'] };

/** What belongs to this repository, as opposed to packages. */
const OURS = '^(bin|lib|lambdas|compat|emulator|examples|bench|test|causeway\\.config)';

/**
 * A layer and what it may import of this repository, besides itself.
 *
 * @param {string} name rule
 * @param {{ why: string, from: string, may: string[] }} layer folders, as regular expressions
 */
function layer(name, { why, from, may }) {
  const pathNot = [from, ...may].map((folder) => `^${folder}(/|$)`);
  return { name, comment: why, severity: 'error', from: { path: `^${from}/` }, to: { path: OURS, pathNot } };
}

/**
 * The npm packages a layer may use.
 *
 * @param {string} name rule
 * @param {{ why: string, from: string, may: string[] }} layer folders and packages, as regular expressions
 */
function packages(name, { why, from, may }) {
  const pathNot = may.map((name) => `(^|/)node_modules/${name}/`);
  const to = { path: '(^|/)node_modules/', pathNot };
  return { name, comment: why, severity: 'error', from: { path: `^${from}/` }, to };
}

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    // ── layers ──────────────────────────────────────────────────────────────────────────────────────────────────
    layer('manifest-imports-nothing', {
      why: 'Names and limits shared by lib and lambdas. Constants need nobody.',
      from: 'lambdas/manifest',
      may: [],
    }),
    layer('domain-imports-manifest', {
      why: 'Rules of chat know limits, nothing else.',
      from: 'lambdas/domain',
      may: ['lambdas/manifest'],
    }),
    layer('ports-import-domain', {
      why: 'Interfaces speak in domain types only.',
      from: 'lambdas/ports',
      may: ['lambdas/domain', 'lambdas/manifest'],
    }),
    layer('app-imports-ports', {
      why: 'Use cases reach the world through ports, so that they run on any store.',
      from: 'lambdas/app',
      may: ['lambdas/ports', 'lambdas/domain', 'lambdas/manifest'],
    }),
    layer('wire-imports-app', {
      why: 'The native dialect translates; it never stores or sends.',
      from: 'lambdas/wire',
      may: ['lambdas/app', 'lambdas/ports', 'lambdas/domain', 'lambdas/manifest'],
    }),
    layer('http-imports-app', {
      why: 'REST is one more dialect: it shares the native JSON shapes, and knows neither adapters nor frames.',
      from: 'lambdas/http',
      may: ['lambdas/wire/json', 'lambdas/app', 'lambdas/ports', 'lambdas/domain', 'lambdas/manifest'],
    }),
    layer('adapters-import-ports', {
      why: 'An adapter implements ports; calling a use case from it would be a circle.',
      from: 'lambdas/adapters',
      may: ['lambdas/ports', 'lambdas/domain', 'lambdas/manifest'],
    }),
    layer('handlers-import-lambdas', {
      why: 'Composition roots: they wire what runs on AWS, and the bridge, its audience and its dialects by their public doors.',
      from: 'lambdas/handlers',
      may: ['lambdas', 'compat/((audience|dialects)/)?index\\.ts'],
    }),
    layer('compat-imports-app', {
      why: 'The Socket.IO bridge stands beside wire, on the same use cases; fields and errors are told alike by both.',
      from: 'compat',
      may: ['lambdas/wire/json', 'lambdas/app', 'lambdas/ports', 'lambdas/domain', 'lambdas/manifest'],
    }),
    layer('dialects-are-tables', {
      why: 'A vocabulary knows what may be said and what it means, not who says it or where it goes.',
      from: 'compat/dialects',
      may: ['lambdas/wire/json', 'lambdas/domain', 'lambdas/manifest'],
    }),
    layer('engine-knows-no-server', {
      why: 'Engine.IO below, Socket.IO above: the seam between them is compat/types.ts.',
      from: 'compat/engine',
      may: [
        'compat/(types|sleep)\\.ts',
        'lambdas/app',
        'lambdas/ports',
        'lambdas/domain',
        'lambdas/manifest',
      ],
    }),
    layer('server-knows-no-engine', {
      why: 'The other side of the same seam.',
      from: 'compat/(server|adapter)',
      may: [
        'compat/(types|sleep)\\.ts',
        'lambdas/app',
        'lambdas/ports',
        'lambdas/domain',
        'lambdas/manifest',
      ],
    }),
    layer('audience-knows-no-server', {
      why: 'Functions that only tell sockets something must not load the Server.',
      from: 'compat/audience',
      may: ['compat/dialects', 'lambdas/app', 'lambdas/ports', 'lambdas/domain', 'lambdas/manifest'],
    }),
    layer('lib-imports-manifest', {
      why: 'Infrastructure names handlers by path; their code must not run at synth.',
      from: 'lib',
      may: ['lambdas/manifest'],
    }),
    layer('bin-imports-lib', {
      why: 'The CDK entry reads the configuration and makes the app.',
      from: 'bin(?!/import)',
      may: ['lib'],
    }),
    layer('importer-imports-adapters', {
      why: 'It writes the rows the functions read, by the same keys and rules; what is deployed does not matter to it.',
      from: 'bin/import',
      may: ['lambdas/adapters', 'lambdas/wire/json', 'lambdas/domain', 'lambdas/manifest'],
    }),
    layer('emitter-imports-nothing', {
      why: 'Runs in other back ends, where the rest of this repository is not.',
      from: 'compat/emitter',
      may: [],
    }),
    layer('emulator-imports-nothing', {
      why: 'It plays AWS for any template; knowing Causeway would let it hide a mistake.',
      from: 'emulator',
      may: [],
    }),

    // ── packages ────────────────────────────────────────────────────────────────────────────────────────────────
    packages('pure-layers-use-no-packages', {
      why: 'They run anywhere and cost nothing.',
      from: 'lambdas/(manifest|ports|app)',
      may: [],
    }),
    packages('valibot-checks-shapes', {
      why: 'The only package of domain and wire.',
      from: 'lambdas/(domain|wire)',
      may: ['valibot'],
    }),
    packages('http-uses-hono', {
      why: 'A router and the schemas it documents itself with.',
      from: 'lambdas/http',
      may: ['hono', 'valibot', '@valibot/to-json-schema'],
    }),
    packages('adapters-use-sdks', {
      why: 'What talks to AWS and to token issuers.',
      from: 'lambdas/adapters',
      may: ['@aws-sdk/[^/]+', '@smithy/[^/]+', 'aws-jwt-verify', 'jose'],
    }),
    packages('handlers-use-no-packages', {
      why: 'Wiring only (hono has an adapter for Lambda).',
      from: 'lambdas/handlers',
      may: ['hono', '@types/aws-lambda'],
    }),
    packages('compat-uses-socket-io', {
      why: 'The server, the seams it offers and its parsers; whatever talks to AWS comes through ports.',
      from: 'compat(?!/(dialects|emitter))',
      may: ['socket\\.io', 'socket\\.io-adapter', 'socket\\.io-parser', 'engine\\.io-parser'],
    }),
    packages('dialects-use-valibot', {
      why: 'Schemas, and the document that is made of them.',
      from: 'compat/dialects',
      may: ['valibot', '@valibot/to-json-schema'],
    }),
    packages('engine-uses-its-parser', {
      why: 'Engine.IO is ours; polling and frames must not wait for the server to be loaded.',
      from: 'compat/engine',
      may: ['engine\\.io-parser'],
    }),
    packages('emitter-uses-the-lambda-client', {
      why: 'Other back ends install what it needs.',
      from: 'compat/emitter',
      may: ['@aws-sdk/client-lambda'],
    }),
    packages('lib-uses-the-cdk', {
      why: 'What makes the template and the bundles.',
      from: '(lib|bin(?!/import))',
      may: ['aws-cdk-lib', 'constructs', 'cdk-nag', 'esbuild', 'valibot'],
    }),
    packages('importer-uses-dynamodb', {
      why: 'Checked lines in, rows out.',
      from: 'bin/import',
      may: ['@aws-sdk/(client|lib)-dynamodb', 'valibot'],
    }),
    {
      name: 'no-cdk-in-lambdas',
      comment: 'aws-cdk-lib in a bundle is megabytes.',
      severity: 'error',
      from: { path: '^(lambdas|compat)/' },
      to: { path: 'node_modules/(aws-cdk-lib|constructs|cdk-nag)/' },
    },
    {
      name: 'cdk-by-submodule',
      comment: 'The root of aws-cdk-lib is a barrel of every service; its submodules keep the synth fast.',
      severity: 'error',
      from: { path: '^(lib|bin)/' },
      to: { path: 'node_modules/aws-cdk-lib/index\\.' },
    },

    // ── purity ──────────────────────────────────────────────────────────────────────────────────────────────────
    {
      name: 'pure-layers-use-no-node',
      comment:
        'No I/O, clock, randomness or environment: tsconfig.pure.json refuses the globals, this refuses the modules.',
      severity: 'error',
      from: {
        path: [
          '^(lambdas/(manifest|domain|ports|app|wire)|compat/dialects)/',
          // The step functions of the engine, as tsconfig.pure.json lists them.
          '^compat/engine/(cors|fresh|handshake|poll-step|refusals|ring|sweep-step|verify|vitals)\\.ts$',
        ],
      },
      to: NODE,
    },

    // ── hygiene ─────────────────────────────────────────────────────────────────────────────────────────────────
    {
      name: 'no-test-in-source',
      comment: 'Fakes and fixtures stay with the tests.',
      severity: 'error',
      from: { pathNot: '^(test|bench|vitest\\.config)' },
      to: { path: '^(test|bench)/' },
    },
    {
      name: 'no-cycles',
      comment: 'Two files that need each other are one file, or three. Types may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-unresolved',
      comment:
        'A path that leads nowhere. CloudFront hands its helper to its functions under that name; the stock client is put beside the page when it is deployed.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^cloudfront$|/socket\\.io\\.esm\\.min\\.js$' },
    },
    {
      name: 'no-dev-dependency-in-source',
      comment:
        'npm start and cdk deploy must work without development dependencies. Types vanish; cdk-nag is loaded on request.',
      severity: 'error',
      from: { path: '^(bin|lib|lambdas|compat|emulator)/' },
      to: {
        dependencyTypes: ['npm-dev'],
        dependencyTypesNot: ['type-only'],
        pathNot: 'node_modules/(cdk-nag|@types)/',
      },
    },
    {
      name: 'no-undeclared-package',
      comment: 'Works today because something else brings it along.',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Fixtures are functions as users write them, broken ones among them.
    exclude: { path: '^(cdk\\.out|\\.causeway|coverage|test/fixtures)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      mainFields: ['module', 'main', 'types', 'typings'],
    },
  },
};
