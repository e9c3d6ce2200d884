import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Template } from 'aws-cdk-lib/assertions';
import type { App } from 'aws-cdk-lib/core';

import { FUNCTIONS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import { CausewayStack } from '../../lib/causeway-stack.ts';
import type { CausewayConfig } from '../../lib/config/define-config.ts';
import { parseConfig } from '../../lib/config/load-config.ts';
import { newApp } from '../../lib/create-app.ts';

export interface TemplateResource {
  readonly Type: string;
  // Templates are data of any shape; assertions say which.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly Properties: Readonly<Record<string, any>>;
  readonly DeletionPolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** The stack with bundles that hold nothing: what the functions do doesn't matter to the template. */
export function stackUnderTest(config: CausewayConfig = {}): {
  readonly app: App;
  readonly stack: CausewayStack;
} {
  const app = newApp(mkdtempSync(join(tmpdir(), 'causeway-cdk-')));
  return {
    app,
    stack: new CausewayStack(app, 'test', { config: parseConfig(config), bundles: emptyBundles() }),
  };
}

export function templateOf(config: CausewayConfig = {}): Template {
  return Template.fromStack(stackUnderTest(config).stack);
}

/** Resources of a type as [logical id, resource]. */
export function resourcesOf(
  template: Template,
  type: string,
): readonly (readonly [string, TemplateResource])[] {
  return Object.entries(template.findResources(type) as Record<string, TemplateResource>);
}

/** The function that says this of itself in the manifest, with its logical id. */
export function functionOf(template: Template, name: FunctionName): readonly [string, TemplateResource] {
  const id = `Functions${name.replaceAll('-', '')}`;
  const found = resourcesOf(template, 'AWS::Lambda::Function').find(([logicalId]) =>
    logicalId.startsWith(id),
  );
  if (found === undefined) throw new Error(`no function ${name} in the template`);
  return found;
}

function emptyBundles(): Record<FunctionName, string> {
  const root = mkdtempSync(join(tmpdir(), 'causeway-bundles-'));
  const names = Object.keys(FUNCTIONS) as FunctionName[];
  return Object.fromEntries(
    names.map((name) => {
      const directory = join(root, name);
      mkdirSync(directory);
      writeFileSync(join(directory, 'index.mjs'), `export async function handler() {} // ${name}\n`);
      return [name, directory];
    }),
  ) as Record<FunctionName, string>;
}
