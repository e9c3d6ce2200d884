import type { Resource, Stack } from '../types.ts';
import { UnsupportedResource } from '../apigateway/template-error.ts';
import type { OriginRequestPolicyProperties, Selection } from './template-properties.ts';

/** Which parts of the viewer's request reach the origin. Names of headers are compared in lower case. */
export interface OriginRequestPolicy {
  readonly headers: (name: string) => boolean;
  readonly cookies: (name: string) => boolean;
  readonly query: (name: string) => boolean;
}

interface Written {
  readonly headers: Selection;
  readonly cookies: Selection;
  readonly query: Selection;
}

const ALL: Selection = { behavior: 'all', names: [] };
const NONE: Selection = { behavior: 'none', names: [] };

/** "Managed origin request policies" (CloudFront Developer Guide). */
const MANAGED: Readonly<Record<string, Written>> = {
  // AllViewer
  '216adef6-5c7f-47e4-b989-5492eafa07d3': { headers: ALL, cookies: ALL, query: ALL },
  // AllViewerExceptHostHeader
  'b689b0a8-53d0-40ab-baf2-68738e2966ac': {
    headers: { behavior: 'allExcept', names: ['host'] },
    cookies: ALL,
    query: ALL,
  },
};

/** Without a policy an origin gets neither headers, cookies nor query. Throws for policies this emulator doesn't know. */
export function originRequestPolicy(
  stack: Stack,
  id: string | undefined,
  distribution: Resource<object>,
): OriginRequestPolicy {
  if (id === undefined) return compile({ headers: NONE, cookies: NONE, query: NONE });
  const own = stack
    .ofType<OriginRequestPolicyProperties>('AWS::CloudFront::OriginRequestPolicy')
    .find(({ ref }) => ref === id);
  const written = own ? readPolicy(own) : MANAGED[id];
  if (!written) {
    throw new UnsupportedResource(
      distribution,
      `OriginRequestPolicyId ${id} isn't emulated; use AllViewerExceptHostHeader, AllViewer or a policy of this template.`,
    );
  }
  return compile(written);
}

function readPolicy(policy: Resource<OriginRequestPolicyProperties>): Written {
  const {
    HeadersConfig: headers,
    CookiesConfig: cookies,
    QueryStringsConfig: query,
  } = policy.properties.OriginRequestPolicyConfig ?? {};
  return {
    headers: select(policy, headers?.HeaderBehavior, headers?.Headers),
    cookies: select(policy, cookies?.CookieBehavior, cookies?.Cookies),
    query: select(policy, query?.QueryStringBehavior, query?.QueryStrings),
  };
}

function select(policy: Resource<object>, written = 'none', names: readonly string[] = []): Selection {
  const behavior = written === 'allViewer' ? 'all' : written;
  if (behavior === 'none' || behavior === 'all' || behavior === 'whitelist' || behavior === 'allExcept')
    return { behavior, names };
  throw new UnsupportedResource(policy, `the behavior ${written} isn't emulated.`);
}

function compile({ headers, cookies, query }: Written): OriginRequestPolicy {
  const lower = { ...headers, names: headers.names.map((name) => name.toLowerCase()) };
  const header = matcher(lower);
  return { headers: (name) => header(name.toLowerCase()), cookies: matcher(cookies), query: matcher(query) };
}

function matcher({ behavior, names }: Selection): (name: string) => boolean {
  if (behavior === 'all') return () => true;
  if (behavior === 'none') return () => false;
  const listed = new Set(names);
  return (name) => listed.has(name) === (behavior === 'whitelist');
}
