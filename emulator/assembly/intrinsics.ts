/** CloudFormation "Intrinsic function reference": one function per intrinsic, evaluated against a scope. */

/** What an expression may look at. */
export interface Scope {
  reference(logicalId: string): unknown;
  attribute(logicalId: string, name: string): unknown;
  condition(name: string): boolean;
  mapping(map: string, firstKey: string, secondKey: string): unknown;
}

/** `AWS::NoValue`: the property or list element that holds it disappears. */
export const NO_VALUE = Symbol('AWS::NoValue');

type Intrinsic = (argument: unknown, scope: Scope) => unknown;

const INTRINSICS: Readonly<Record<string, Intrinsic>> = {
  Ref: (argument, scope) => scope.reference(text(argument, 'Ref')),
  'Fn::GetAtt': (argument, scope) => getAtt(argument, scope),
  'Fn::Join': (argument, scope) => {
    const [separator, parts] = pair(argument, 'Fn::Join');
    return list(resolveExpression(parts, scope), 'Fn::Join')
      .map((part) => text(part, 'Fn::Join'))
      .join(text(separator, 'Fn::Join'));
  },
  'Fn::Sub': (argument, scope) => substitute(argument, scope),
  'Fn::Select': (argument, scope) => select(argument, scope),
  'Fn::Split': (argument, scope) => {
    const [separator, source] = pair(argument, 'Fn::Split');
    return text(resolveExpression(source, scope), 'Fn::Split').split(text(separator, 'Fn::Split'));
  },
  'Fn::If': (argument, scope) => {
    const [condition, whenTrue, whenFalse] = list(argument, 'Fn::If');
    return resolveExpression(scope.condition(text(condition, 'Fn::If')) ? whenTrue : whenFalse, scope);
  },
  'Fn::FindInMap': (argument, scope) => {
    const [map, first, second] = list(argument, 'Fn::FindInMap').map((key) =>
      text(resolveExpression(key, scope), 'Fn::FindInMap'),
    );
    return scope.mapping(map ?? '', first ?? '', second ?? '');
  },
  'Fn::Base64': (argument, scope) =>
    Buffer.from(text(resolveExpression(argument, scope), 'Fn::Base64')).toString('base64'),
  'Fn::ImportValue': (argument, scope) => {
    throw new Error(
      `Fn::ImportValue ${String(resolveExpression(argument, scope))}: exports of other stacks do not exist here`,
    );
  },
  'Fn::Equals': evaluateBoolean('Fn::Equals'),
  'Fn::And': evaluateBoolean('Fn::And'),
  'Fn::Or': evaluateBoolean('Fn::Or'),
  'Fn::Not': evaluateBoolean('Fn::Not'),
};

/** Resolves every intrinsic inside `value`; may return `NO_VALUE` only at the top level. */
export function resolveExpression(value: unknown, scope: Scope): unknown {
  if (Array.isArray(value))
    return value.map((item) => resolveExpression(item, scope)).filter((item) => item !== NO_VALUE);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [first] = entries;
  if (entries.length === 1 && first !== undefined) {
    const [name, argument] = first;
    const intrinsic = INTRINSICS[name];
    if (intrinsic !== undefined && Object.hasOwn(INTRINSICS, name)) return intrinsic(argument, scope);
    if (name.startsWith('Fn::')) throw new Error(`The emulator does not know the intrinsic function ${name}`);
  }
  const resolved = entries
    .map(([key, item]) => [key, resolveExpression(item, scope)] as const)
    .filter(([, item]) => item !== NO_VALUE);
  return Object.fromEntries(resolved);
}

/** Evaluates an expression of the Conditions section ("Condition functions"). */
export function evaluateCondition(expression: unknown, scope: Scope): boolean {
  if (typeof expression === 'boolean') return expression;
  const [[name, argument] = []] = Object.entries(expression as Record<string, unknown>);
  const operands = Array.isArray(argument) ? argument : [];
  switch (name) {
    case 'Condition':
      return scope.condition(text(argument, 'Condition'));
    case 'Fn::Equals':
      return String(resolveExpression(operands[0], scope)) === String(resolveExpression(operands[1], scope));
    case 'Fn::And':
      return operands.every((operand) => evaluateCondition(operand, scope));
    case 'Fn::Or':
      return operands.some((operand) => evaluateCondition(operand, scope));
    case 'Fn::Not':
      return !evaluateCondition(operands[0], scope);
    default:
      throw new Error(`The emulator does not know the condition function ${name}`);
  }
}

/** The references a string of `Fn::Sub` makes: `${Name}` and `${Name.Attribute}`, without the escaped `${!Literal}`. */
export function* substitutions(template: string): Generator<string> {
  for (const [, name = ''] of template.matchAll(/\$\{([^!}][^}]*)\}/g)) yield name.trim();
}

function substitute(argument: unknown, scope: Scope): string {
  const [template, variables] = Array.isArray(argument)
    ? (argument as [unknown, Record<string, unknown>])
    : [argument, {}];
  return text(template, 'Fn::Sub').replace(/\$\{([^}]+)\}/g, (_match, inner: string) => {
    if (inner.startsWith('!')) return `\${${inner.slice(1)}}`;
    const name = inner.trim();
    if (Object.hasOwn(variables, name)) return text(resolveExpression(variables[name], scope), 'Fn::Sub');
    return text(
      name.includes('.') && !name.includes('::') ? getAtt(name, scope) : scope.reference(name),
      'Fn::Sub',
    );
  });
}

function getAtt(argument: unknown, scope: Scope): unknown {
  const [logicalId = '', ...path] =
    typeof argument === 'string'
      ? argument.split('.')
      : list(argument, 'Fn::GetAtt').map((part) => text(part, 'Fn::GetAtt'));
  return scope.attribute(logicalId, path.join('.'));
}

function select(argument: unknown, scope: Scope): unknown {
  const [index, source] = pair(argument, 'Fn::Select');
  const values = list(resolveExpression(source, scope), 'Fn::Select');
  const position = Number(resolveExpression(index, scope));
  if (!(position in values))
    throw new Error(`Fn::Select cannot select index ${position} of ${JSON.stringify(values)}`);
  return values[position];
}

function evaluateBoolean(name: string): Intrinsic {
  return (argument, scope) => evaluateCondition({ [name]: argument }, scope);
}

function text(value: unknown, where: string): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new Error(`${where} needs a string, not ${JSON.stringify(value) ?? String(value)}`);
}

function list(value: unknown, where: string): readonly unknown[] {
  if (!Array.isArray(value))
    throw new Error(`${where} needs a list, not ${JSON.stringify(value) ?? String(value)}`);
  return value;
}

function pair(value: unknown, where: string): readonly [unknown, unknown] {
  const [first, second] = list(value, where);
  return [first, second];
}
