/** The route key a message asks for; undefined when the expression can't be evaluated, which means `$default`. */
export type RouteSelection = (message: string) => string | undefined;

type Part = string | readonly string[]; // literal text, or a path into the body

/**
 * Compiles a route selection expression (AWS: "Work with routes for WebSocket APIs"): `$request.body.a.b`,
 * `${request.body.a}/${request.body.b}` or a static value (`\$default`). Throws for anything else.
 */
export function compileRouteSelection(expression: string): RouteSelection {
  const parts = parse(expression);
  if (parts.every((part) => typeof part === 'string')) return () => parts.join('');
  return (message) => {
    const body = parseJson(message);
    if (body === undefined) return undefined;
    return parts
      .map((part) => (typeof part === 'string' ? part : stringify(lookUp(body.value, part))))
      .join('');
  };
}

function parse(expression: string): readonly Part[] {
  const single = /^\$(request\.body(?:\.[^${}]+|\[\d+\])*)$/.exec(expression)?.[1];
  if (single !== undefined) return [path(single)];
  const parts = expression.split(/(\$\{[^}]*\})/).filter((part) => part !== '');
  return parts.map((part) => {
    const variable = /^\$\{(request\.body(?:\.[^}]+|\[\d+\])*)\}$/.exec(part)?.[1];
    if (variable !== undefined) return path(variable);
    if (/(^|[^\\])\$/.test(part))
      throw new Error(`RouteSelectionExpression "${expression}": "${part}" isn't emulated.`);
    return part.replaceAll('\\$', '$');
  });
}

function path(variable: string): readonly string[] {
  return variable
    .slice('request.body'.length)
    .split(/[.[\]]/)
    .filter((name) => name !== '');
}

function parseJson(message: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(message) };
  } catch {
    return undefined;
  }
}

function lookUp(value: unknown, names: readonly string[]): unknown {
  return names.reduce<unknown>(
    (inside, name) =>
      typeof inside === 'object' && inside !== null && Object.hasOwn(inside, name)
        ? (inside as Record<string, unknown>)[name]
        : undefined,
    value,
  );
}

/** "The result is stringified; a missing path is the empty string." */
function stringify(value: unknown): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
