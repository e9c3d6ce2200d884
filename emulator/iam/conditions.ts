/** The Condition element of a policy ("IAM JSON policy elements: Condition operators"). An operator not listed is an error. */
import { arnPattern, wildcard } from './wildcard.ts';

export type Context = Readonly<Record<string, string | readonly string[]>>;
export type Condition = (context: Context) => boolean;

type Compare = (expected: string) => (actual: string) => boolean;

const like: Compare = (expected) => {
  const pattern = wildcard(expected);
  return (actual) => pattern.test(actual);
};
const equals: Compare = (expected) => (actual) => actual === expected;
const ignoreCase: Compare = (expected) => (actual) => actual.toLowerCase() === expected.toLowerCase();

const OPERATORS: Readonly<Record<string, { readonly compare: Compare; readonly negated?: true }>> = {
  StringEquals: { compare: equals },
  StringNotEquals: { compare: equals, negated: true },
  StringEqualsIgnoreCase: { compare: ignoreCase },
  StringLike: { compare: like },
  StringNotLike: { compare: like, negated: true },
  ArnEquals: { compare: arnPattern },
  ArnLike: { compare: arnPattern },
  ArnNotLike: { compare: arnPattern, negated: true },
  Bool: { compare: ignoreCase },
};

/** Compiles a Condition block: all of its tests must hold. */
export function compileConditions(block: unknown, where: string): readonly Condition[] {
  const operators = Object.entries((block ?? {}) as Record<string, Record<string, unknown>>);
  return operators.flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) =>
      compile(operator, { key, values: [values].flat().map(String) }, where),
    ),
  );
}

function compile(
  written: string,
  { key, values }: { key: string; values: readonly string[] },
  where: string,
): Condition {
  refuseUnsupported(key, values, where);
  if (written === 'Null') return (context) => (lookUp(context, key) === undefined) === (values[0] === 'true');
  const [, quantifier, operator = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(\w+?)(IfExists)?$/.exec(written) ?? [];
  const definition = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
  if (definition === undefined)
    throw new Error(`${where}: the emulator does not know the condition operator ${written}`);
  const { compare, negated = false } = definition;
  const tests = values.map(compare);
  const matches = (actual: string): boolean => tests.some((test) => test(actual)) !== negated;
  return (context) => {
    const actual = lookUp(context, key);
    // "Multivalued context keys": ForAllValues is true of nothing, ForAnyValue is not; negated operators hold for a missing key.
    if (actual === undefined)
      return ifExists !== undefined || quantifier === 'ForAllValues' || (negated && quantifier === undefined);
    const list = [actual].flat();
    return quantifier === 'ForAllValues' ? list.every(matches) : list.some(matches);
  };
}

/** Better a refusal at start than a condition that silently never or always holds. */
function refuseUnsupported(key: string, values: readonly string[], where: string): void {
  if (key.toLowerCase() === 'dynamodb:attributes')
    throw new Error(`${where}: the emulator does not support the condition key ${key}`);
  const variable = values.find((value) => value.includes('${'));
  if (variable !== undefined)
    throw new Error(`${where}: the emulator does not support policy variables (${variable})`);
}

/** Condition keys are not case-sensitive. */
function lookUp(context: Context, key: string): string | readonly string[] | undefined {
  if (Object.hasOwn(context, key)) return context[key];
  const name = Object.keys(context).find((candidate) => candidate.toLowerCase() === key.toLowerCase());
  return name === undefined ? undefined : context[name];
}
