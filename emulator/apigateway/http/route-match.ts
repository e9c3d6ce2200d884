/** A route key taken apart: `GET /items/{id}`, `ANY /{proxy+}`, `$default`. */
export interface RoutePattern {
  readonly key: string;
  /** Upper case; `ANY` for every method. */
  readonly method: string;
  /** Path as the route key writes it; empty for `$default`. */
  readonly path: string;
  readonly segments: readonly Segment[];
}

type Segment = { readonly kind: 'literal' | 'parameter' | 'greedy'; readonly name: string };

export interface Match<R extends RoutePattern> {
  readonly route: R;
  readonly parameters: Readonly<Record<string, string>>;
}

export function parseRouteKey(key: string): RoutePattern | undefined {
  if (key === '$default') return { key, method: 'ANY', path: '', segments: [] };
  const found = /^([A-Z]+) (\/.*)$/.exec(key);
  if (!found) return undefined;
  const [, method = '', path = ''] = found;
  return { key, method, path, segments: path.split('/').slice(1).map(parseSegment) };
}

function parseSegment(text: string): Segment {
  const variable = /^\{(.+?)(\+?)\}$/.exec(text);
  if (!variable) return { kind: 'literal', name: text };
  return { kind: variable[2] === '+' ? 'greedy' : 'parameter', name: variable[1] ?? '' };
}

/**
 * The route for a request (AWS: "Routing API requests"): a full match first, then a greedy one, `$default` last; of the
 * same path, its own method before `ANY`. A trailing slash counts: no route key may end with one, and users reach `/items/`
 * with a greedy route `/items/{proxy+}`, whose variable is then empty (storacha/w3infra#166, middyjs/middy#910).
 */
export function matchRoute<R extends RoutePattern>(
  routes: readonly R[],
  request: { method: string; path: string },
): Match<R> | undefined {
  const segments = request.path.split('/').slice(1);
  const matches = routes
    .filter((route) => route.path !== '' && (route.method === 'ANY' || route.method === request.method))
    .flatMap((route) => {
      const parameters = matchSegments(route.segments, segments);
      return parameters ? [{ route, parameters }] : [];
    })
    .toSorted((a, b) => compare(a.route, b.route));
  const fallback = routes.find((route) => route.key === '$default');
  return matches[0] ?? (fallback && { route: fallback, parameters: {} });
}

function matchSegments(
  pattern: readonly Segment[],
  path: readonly string[],
): Record<string, string> | undefined {
  const parameters: [string, string][] = [];
  for (const [at, segment] of pattern.entries()) {
    const value = path[at];
    if (value === undefined || (segment.kind === 'parameter' && value === '')) return undefined;
    if (segment.kind === 'greedy') {
      if (at === 0 && value === '') return undefined;
      return Object.fromEntries([...parameters, [segment.name, decode(path.slice(at).join('/'))]]);
    }
    if (segment.kind === 'parameter') parameters.push([segment.name, decode(value)]);
    else if (decode(value) !== segment.name) return undefined;
  }
  return path.length === pattern.length ? Object.fromEntries(parameters) : undefined;
}

const RANK = { literal: 0, parameter: 1, greedy: 2 };

/** Negative when `a` is the more specific one. */
function compare(a: RoutePattern, b: RoutePattern): number {
  for (let at = 0; at < Math.max(a.segments.length, b.segments.length); at++) {
    const difference = rank(a, at) - rank(b, at);
    if (difference !== 0) return difference;
  }
  return Number(a.method === 'ANY') - Number(b.method === 'ANY');
}

function rank(route: RoutePattern, at: number): number {
  return RANK[route.segments[at]?.kind ?? 'literal'];
}

/** Percent-decodes; text that isn't valid percent-encoding stays as it is. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
