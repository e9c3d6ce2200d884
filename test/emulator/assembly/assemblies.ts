/** Cloud assemblies for tests: hand-made templates, and changed copies of the fixtures. */
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadStack } from '../../../emulator/assembly/load-stack.ts';
import type { Stack } from '../../../emulator/types.ts';

export const BOARD = new URL('../../fixtures/assemblies/board', import.meta.url).pathname;

/** A template as JSON, loose on purpose: tests break it. */
export interface LooseTemplate {
  Resources: Record<string, LooseResource>;
  Parameters?: Record<string, unknown>;
  Conditions?: Record<string, unknown>;
  Mappings?: Record<string, unknown>;
  Outputs?: Record<string, { Value: unknown; Condition?: string }>;
}

interface LooseResource {
  Type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- as deep as CloudFormation; tests reach anywhere into it
  Properties?: any;
  DependsOn?: string | string[];
  Condition?: string;
}

/** Writes an assembly with one stack called `test` to a temporary directory. */
export function writeAssembly(template: LooseTemplate): string {
  const directory = mkdtempSync(join(tmpdir(), 'assembly-'));
  const stack = { type: 'aws:cloudformation:stack', properties: { templateFile: 'test.template.json' } };
  writeFileSync(
    join(directory, 'manifest.json'),
    JSON.stringify({ version: '48.0.0', artifacts: { test: stack } }),
  );
  writeFileSync(join(directory, 'test.template.json'), JSON.stringify(template));
  return directory;
}

export function stackOf(template: LooseTemplate): Stack {
  return loadStack(writeAssembly(template));
}

/** The board fixture, with its template changed. */
export function boardStack(change: (template: LooseTemplate) => void = () => {}): Stack {
  const directory = mkdtempSync(join(tmpdir(), 'board-'));
  cpSync(BOARD, directory, { recursive: true });
  const file = join(directory, 'board.template.json');
  const template = JSON.parse(readFileSync(file, 'utf8')) as LooseTemplate;
  change(template);
  writeFileSync(file, JSON.stringify(template));
  return loadStack(directory);
}
