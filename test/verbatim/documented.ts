/** What the documents say of the payloads clients are sent, and what clients were sent. */
import { readContract } from '../compat/dialects/contract.ts';
import { differences, readShape, type Fields, type Shape } from '../compat/dialects/shape.ts';

/** A payload that a document describes; an event may be described in several places. */
export interface Description {
  readonly event: string;
  readonly shape: Shape;
}

/** All descriptions of a document: types in comments, tables, JSON examples, fields that its code reads or lists. */
export function descriptionsOf(name: string): readonly Description[] {
  const { text, listens, table } = readContract(`docs/contracts/${name}.md`);
  return [
    ...listens.flatMap(({ event, body, reads }) => [
      { event, shape: fieldsOf(reads) },
      ...listed(body).map((shape) => ({ event, shape })),
      ...typed(body).map((shape) => ({ event, shape })),
    ]),
    ...table('Server → Client events')
      .filter(([, payload]) => payload?.startsWith('{'))
      .map(([event = '', payload = '']) => ({ event, shape: readShape(payload) })),
    ...[...text.matchAll(/\*\*Event:\*\* `(\w+)`\s+\*\*Payload:\*\*\s+```json\n([\s\S]*?)```/g)].map(
      ([, event = '', json = '']) => ({ event, shape: shapeOfValue(JSON.parse(json)) }),
    ),
  ];
}

/** `// {`, fields with types, `// }`. */
function typed(body: string): readonly Shape[] {
  if (!body.includes('// {')) return [];
  return [readShape([...body.matchAll(/^\s*\/\/(.*)$/gm)].map(([, line]) => line).join('\n'))];
}

/** `// message contains: id, chat_id, sender (user object)`. */
function listed(body: string): readonly Shape[] {
  return [...body.matchAll(/contains: (.*)$/gm)].map(([, names = '']) =>
    fieldsOf(names.split(',').map((name) => name.trim().replace(/ .*/, ''))),
  );
}

function fieldsOf(paths: readonly string[]): Fields {
  const fields: Record<string, { optional: boolean; shape: Shape }> = {};
  for (const path of paths) {
    const [name = '', inner] = path.split('.');
    // A method of a text (`data.message.includes`) is no field.
    const isMethod = inner === 'includes';
    fields[name] = {
      optional: false,
      shape: inner === undefined || isMethod ? undefined : fieldsOf([inner]),
    };
  }
  return fields;
}

/** Where a payload falls short of a description. */
export function shortcomings({ event, shape }: Description, payload: unknown): readonly string[] {
  return differences(present(shape, payload), shapeOfValue(payload), event);
}

/** Without the optional fields that this payload does not have. */
function present(shape: Shape, payload: unknown): Shape {
  if (typeof shape !== 'object' || typeof payload !== 'object' || payload === null) return shape;
  return Object.fromEntries(
    Object.entries(shape)
      .filter(([name, { optional }]) => !optional || Object.hasOwn(payload, name))
      .map(([name, field]) => [
        name,
        { ...field, shape: present(field.shape, (payload as Record<string, unknown>)[name]) },
      ]),
  );
}

function shapeOfValue(value: unknown): Shape {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return typeof value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, { optional: false, shape: shapeOfValue(inner) }]),
  );
}
