/** Event patterns ("Amazon EventBridge event patterns"): which events a rule is for. A feature not listed is an error. */

export type Matches = (event: Readonly<Record<string, unknown>>) => boolean;

type Test = (value: unknown) => boolean;

/** Compiles a pattern. Throws for comparison operators this emulator doesn't know. */
export function compilePattern(pattern: unknown): Matches {
  if (!isObject(pattern) || Object.keys(pattern).length === 0)
    throw new Error('an EventPattern is an object with at least one field');
  const fields = Object.entries(pattern).map(([name, part]) => [name, compileField(name, part)] as const);
  return (event) => fields.every(([name, matches]) => matches(event[name]));
}

function compileField(name: string, part: unknown): Test {
  if (name === '$or') throw new Error("$or in an EventPattern isn't emulated");
  if (isObject(part)) {
    const matches = compilePattern(part);
    return (value) => isObject(value) && matches(value);
  }
  if (!Array.isArray(part) || part.length === 0)
    throw new Error(`"${name}" in an EventPattern must be an array of values, or an object`);
  const tests = part.map(compileValue);
  // "If the value in the event is an array, the pattern matches if the intersection … is non-empty."
  return (value) =>
    tests.some((test) => (Array.isArray(value) && value.length > 0 ? value.some(test) : test(value)));
}

/** Exact values are compared character for character. */
function compileValue(expected: unknown): Test {
  if (!isObject(expected)) return (value) => value === expected;
  const [first, ...more] = Object.entries(expected);
  const [operator, operand] = first ?? ['', undefined];
  const compile = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  const test = more.length > 0 ? undefined : compile?.(operand);
  if (test === undefined) throw new Error(`${JSON.stringify(expected)} in an EventPattern isn't emulated`);
  return test;
}

/** Undefined: not with this operand. */
const OPERATORS: Readonly<Record<string, (operand: unknown) => Test | undefined>> = {
  prefix: (operand) =>
    typeof operand === 'string'
      ? (value) => typeof value === 'string' && value.startsWith(operand)
      : undefined,
  suffix: (operand) =>
    typeof operand === 'string' ? (value) => typeof value === 'string' && value.endsWith(operand) : undefined,
  exists: (operand) =>
    typeof operand === 'boolean' ? (value) => (value !== undefined) === operand : undefined,
  'anything-but': (operand) => {
    const refused = [operand].flat();
    return refused.every((value) => typeof value === 'string' || typeof value === 'number')
      ? (value) => value !== undefined && !refused.includes(value as string | number)
      : undefined;
  },
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
