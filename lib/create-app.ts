import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  App,
  CloudFormationValidatePlugin,
  Validations,
  type IPolicyValidationPlugin,
} from 'aws-cdk-lib/core';
import recommendedFlags from 'aws-cdk-lib/recommended-feature-flags.json' with { type: 'json' };

import type { FunctionName } from '../lambdas/manifest/routes.ts';
import type { Bundle } from './bundle/bundle-functions.ts';
import { bundleHandlers } from './bundle/bundle-handlers.ts';
import { CausewayStack } from './causeway-stack.ts';
import { loadConfig } from './config/load-config.ts';

export interface CreateAppOptions {
  /** Configuration file. Default: context key `config`, then as loadConfig says. */
  readonly configFile?: string;
  /** Where the cloud assembly goes. Default: CDK_OUTDIR, which the CDK CLI sets, else a temporary directory. */
  readonly outDir?: string;
}

/**
 * Reads the configuration, bundles the functions and builds the app; `.synth()` writes the cloud assembly. The same
 * template comes out whoever asks, the CDK CLI or anything else: nothing in it depends on the CLI's context.
 *
 * Started by the CDK CLI (`cdk synth`, `cdk deploy`), it also applies cdk-nag's AwsSolutions rules and CloudFormation's
 * own: a finding that is not acknowledged fails the synth. They take seconds, which a local restart shouldn't.
 */
export async function createApp(options: CreateAppOptions = {}): Promise<App> {
  const app = newApp(options.outDir);
  const file = options.configFile ?? (app.node.tryGetContext('config') as string | undefined);
  const config = await loadConfig({ file });
  const bundles = await bundleHandlers({ app: config.app });
  await listSources(app, bundles);
  const directories = Object.fromEntries(bundles.map(({ name, directory }) => [name, directory]));
  new CausewayStack(app, config.name, { config, bundles: directories as Record<FunctionName, string> });
  // The variable by which the CLI tells an app its version.
  if (process.env['CDK_CLI_VERSION'] !== undefined) await addChecks(app);
  return app;
}

/** A CDK app that makes the same template whoever starts it. `outDir` as in CreateAppOptions. */
export function newApp(outDir?: string): App {
  return new App({
    ...(outDir === undefined ? {} : { outdir: outDir }),
    // Behaviours aws-cdk-lib recommends to new apps. Here and not in cdk.json, which only the CDK CLI reads.
    context: recommendedFlags,
    analyticsReporting: false,
    autoSynth: false,
    // Takes longer than all the rest; addChecks brings it back.
    builtinCloudFormationValidation: false,
  });
}

/**
 * Lists in the assembly which files went into the bundles: whoever keeps assemblies by their inputs can't know those of an
 * application outside this repository (member `emulator.foundInputs` of package.json).
 */
async function listSources(app: App, bundles: readonly Bundle[]): Promise<void> {
  const paths = new Set(bundles.flatMap(({ sources }) => sources));
  await writeFile(join(app.outdir, 'inputs.json'), JSON.stringify([...paths].toSorted(), null, 1));
}

async function addChecks(app: App): Promise<void> {
  // Loaded only when asked for: cdk-nag is a development dependency.
  const { AwsSolutionsChecks } = await import('cdk-nag');
  // The cast: aws-cdk-lib is not written for exactOptionalPropertyTypes.
  const cloudFormation = new CloudFormationValidatePlugin() as IPolicyValidationPlugin;
  Validations.of(app).addPlugins(cloudFormation, new AwsSolutionsChecks(app));
}
