import { cp, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TemplateResource {
  Type: string;
  Properties: Record<string, any>;
  DependsOn?: string | string[];
}
export interface Template {
  Resources: Record<string, TemplateResource>;
  Outputs?: Record<string, unknown>;
}

export async function readTemplate(assembly: string): Promise<Template> {
  return JSON.parse(await readFile(join(assembly, await templateName(assembly)), 'utf8')) as Template;
}

/** A copy of the assembly whose template went through `change`. */
export async function mutate(assembly: string, change: (template: Template) => void): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), 'causeway-mutated-'));
  await cp(assembly, copy, { recursive: true });
  const template = await readTemplate(assembly);
  change(template);
  await writeFile(join(copy, await templateName(copy)), JSON.stringify(template));
  return copy;
}

async function templateName(assembly: string): Promise<string> {
  const name = (await readdir(assembly)).find((file) => file.endsWith('.template.json'));
  if (name === undefined) throw new Error(`no template in ${assembly}`);
  return name;
}

/** Removes a resource and whatever only makes sense with it (DependsOn entries). */
export function removeResource(template: Template, logicalId: string): void {
  delete template.Resources[logicalId];
  for (const resource of Object.values(template.Resources)) {
    if (Array.isArray(resource.DependsOn))
      resource.DependsOn = resource.DependsOn.filter((id) => id !== logicalId);
    else if (resource.DependsOn === logicalId) delete resource.DependsOn;
  }
}
