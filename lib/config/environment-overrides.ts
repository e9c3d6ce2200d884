import { ConfigurationError } from './configuration-error.ts';
import { Shape } from './schema.ts';

const PREFIX = 'CAUSEWAY_';

type Path = readonly string[];
type Read = (raw: string) => unknown;
type Tree = Readonly<Record<string, unknown>>;

interface Override {
  readonly path: Path;
  readonly read: Read;
}

/** The parts of a valibot schema that tell a section from a value. */
interface SchemaNode {
  readonly type: string;
  readonly wrapped?: SchemaNode;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly item?: SchemaNode;
  readonly options?: readonly unknown[];
}

const OVERRIDES: ReadonlyMap<string, Override> = new Map(overridesOf(Shape, []));

/** Variables that look like ours but name no setting: a typo must not silently leave the default. */
const SECTION_PREFIXES = [
  ...new Set(
    [...OVERRIDES.values()]
      .filter(({ path }) => path.length > 1)
      .map(({ path }) => `${variableOf(path.slice(0, 1))}_`),
  ),
];

/** Puts the values of `CAUSEWAY_<PATH>` variables into the settings. Values are checked later, by the schema. */
export function withEnvironment(
  settings: Tree,
  environment: Readonly<Record<string, string | undefined>>,
): Tree {
  let result = settings;
  for (const [name, raw] of Object.entries(environment)) {
    const override = OVERRIDES.get(name);
    if (override !== undefined && raw !== undefined)
      result = assign(result, override.path, override.read(raw));
    else if (SECTION_PREFIXES.some((prefix) => name.startsWith(prefix))) throw unknownVariable(name);
  }
  return result;
}

function overridesOf(schema: SchemaNode, path: Path): [string, Override][] {
  const node = schema.wrapped ?? schema;
  if (node.type === 'strict_object') {
    return Object.entries(node.entries ?? {}).flatMap(([key, entry]) => overridesOf(entry, [...path, key]));
  }
  // `recovery`: a truth value or a section. The variable of the one and those of the other stand side by side.
  if (node.type === 'union') {
    return (node.options as readonly SchemaNode[]).flatMap((option) => overridesOf(option, path));
  }
  const read = readerOf(node);
  return read === undefined ? [] : [[variableOf(path), { path, read }]];
}

function readerOf(node: SchemaNode): Read | undefined {
  if (node.type === 'record') return undefined;
  if (node.type === 'array') return node.item?.type === 'string' ? words : undefined;
  if (node.type === 'boolean' || node.type === 'literal') return truth;
  const numeric =
    node.type === 'number' || (node.type === 'picklist' && typeof node.options?.[0] === 'number');
  return numeric ? number : (raw) => raw;
}

// Whatever is no number or truth value stays text, so that the schema's message names what was expected.
function number(raw: string): unknown {
  return raw.trim() === '' || Number.isNaN(Number(raw)) ? raw : Number(raw);
}

function truth(raw: string): unknown {
  return raw === 'true' ? true : raw === 'false' ? false : raw;
}

function words(raw: string): unknown {
  return raw.split(',').map((word) => word.trim());
}

function assign(tree: Tree, [key = '', ...rest]: Path, value: unknown): Tree {
  if (rest.length === 0) return { ...tree, [key]: value };
  const branch = tree[key];
  // A section that is no object is reported by the schema; don't hide it by writing over it. `false` turns one off.
  if (branch !== undefined && branch !== false && (typeof branch !== 'object' || branch === null))
    return tree;
  return { ...tree, [key]: assign((branch || {}) as Tree, rest, value) };
}

function variableOf(path: Path): string {
  return (
    PREFIX + path.map((key) => key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()).join('_')
  );
}

function unknownVariable(name: string): ConfigurationError {
  return new ConfigurationError(
    `environment variable ${name}: expected one of ${[...OVERRIDES.keys()].join(', ')}`,
  );
}
