import type { RowUpdate } from '../write.ts';

/** One UpdateItem under construction: names and values go through placeholders, since names of rooms may hold any character. */
export interface UpdateExpression {
  /** A document path; text segments are attribute names, numbers are places in a list. */
  path(...segments: readonly (string | number)[]): string;
  value(value: unknown): string;
  set(path: string, operand: string): void;
  remove(path: string): void;
  add(path: string, value: unknown): void;
  /** All of them must hold. */
  require(condition: string): void;
  /** Lets the update through although what is required does not hold. */
  unless(condition: string): void;
  build(): RowUpdate;
}

export function createUpdateExpression(): UpdateExpression {
  const names = new Map<string, string>();
  const values = new Map<unknown, string>();
  const clauses = { SET: [] as string[], REMOVE: [] as string[], ADD: [] as string[] };
  const required: string[] = [];
  let exception = '';
  const expression: UpdateExpression = {
    path: (first, ...others) =>
      others.reduce<string>(
        (path, segment) =>
          typeof segment === 'number' ? `${path}[${segment}]` : `${path}.${placeholder(names, segment, '#')}`,
        placeholder(names, String(first), '#'),
      ),
    value: (value) => placeholder(values, value, ':'),
    set: (path, operand) => void clauses.SET.push(`${path} = ${operand}`),
    remove: (path) => void clauses.REMOVE.push(path),
    add: (path, value) => void clauses.ADD.push(`${path} ${expression.value(value)}`),
    require: (condition) => void required.push(`(${condition})`),
    unless: (condition) => {
      exception = ` OR ${condition}`;
    },
    build: () => ({
      UpdateExpression: Object.entries(clauses)
        .filter(([, steps]) => steps.length > 0)
        .map(([name, steps]) => `${name} ${steps.join(', ')}`)
        .join(' '),
      ConditionExpression:
        exception === '' ? required.join(' AND ') : `(${required.join(' AND ')})${exception}`,
      ExpressionAttributeNames: swapped(names),
      ExpressionAttributeValues: swapped(values),
    }),
  };
  return expression;
}

function placeholder<T>(known: Map<T, string>, subject: T, mark: string): string {
  const found = known.get(subject) ?? `${mark}${known.size.toString(36)}`;
  known.set(subject, found);
  return found;
}

function swapped<T>(known: ReadonlyMap<T, string>): Record<string, T> {
  return Object.fromEntries([...known].map(([subject, name]) => [name, subject]));
}
