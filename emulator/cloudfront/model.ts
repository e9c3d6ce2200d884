import { UnsupportedResource } from '../apigateway/template-error.ts';
import type { Resource, Stack } from '../types.ts';
import { compileEdgeFunction, type EdgeFunction } from './edge-function.ts';
import { originRequestPolicy, type OriginRequestPolicy } from './origin-request-policy.ts';
import { responseHeaders, type ResponseHeaders } from './response-headers.ts';
import type {
  BehaviorProperties,
  DistributionConfig,
  DistributionProperties,
  EdgeFunctionProperties,
  OriginProperties,
} from './template-properties.ts';

export interface Distribution {
  readonly id: string;
  readonly arn: string;
  readonly domain: string;
  /** Its own name and its aliases. */
  readonly hosts: readonly string[];
  readonly rootObject?: string;
  readonly origins: ReadonlyMap<string, Origin>;
  /** In order of precedence; the last one, the default, matches everything. */
  readonly behaviors: readonly Behavior[];
}

export interface Origin {
  readonly id: string;
  /** Host name of an API or a bucket of the same template. */
  readonly host: string;
  /** Put in front of the viewer's path: empty or `/stage`. */
  readonly path: string;
  /** CloudFront signs what it asks this origin for (origin access control). */
  readonly signs: boolean;
  readonly readTimeoutMs: number;
  /** How often a GET or HEAD is tried in all. */
  readonly attempts: number;
  readonly headers: readonly (readonly [string, string])[];
}

export interface Behavior {
  /** `*` for the default. */
  readonly pattern: string;
  readonly matches: (path: string) => boolean;
  readonly origin: Origin;
  readonly methods: ReadonlySet<string>;
  readonly policy: OriginRequestPolicy;
  /** Changes the headers of every answer to viewers. */
  readonly headers: ResponseHeaders;
  /** Runs on viewer requests. */
  readonly fn?: EdgeFunction;
}

/** Managed policies. Nothing is cached here, so behaviours of APIs must say CachingDisabled; files don't show the difference. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
const CACHING_OPTIMIZED = '658327ea-f89d-4fab-a63d-7e88639e58f6';
/** "The default is 30 seconds", "the default is 3 attempts" (CloudFront API Reference, Origin and CustomOriginConfig). */
const READ_TIMEOUT_SECONDS = 30;
const ATTEMPTS = 3;

/** Behaviour settings that change what viewers get and aren't played. */
const UNSUPPORTED = [
  'LambdaFunctionAssociations',
  'ForwardedValues',
  'TrustedKeyGroups',
  'TrustedSigners',
  'FieldLevelEncryptionId',
  'SmoothStreaming',
  'GrpcConfig',
] as const;

/** What the host names of a template stand for. */
export interface Hosts {
  isApi(host: string): boolean;
  isBucket(host: string): boolean;
}

/** The enabled distributions of a template. Throws UnsupportedResource for what this emulator can't play. */
export function readDistributions(stack: Stack, hosts: Hosts): readonly Distribution[] {
  return stack
    .ofType<DistributionProperties>('AWS::CloudFront::Distribution')
    .filter(({ properties }) => String(properties.DistributionConfig?.Enabled) === 'true')
    .map((resource) => readDistribution(stack, resource, hosts));
}

function readDistribution(
  stack: Stack,
  resource: Resource<DistributionProperties>,
  hosts: Hosts,
): Distribution {
  const { DistributionConfig: config = {} } = resource.properties;
  refuseUnsupported(resource, config);
  const origins = new Map(
    (config.Origins ?? []).map((origin) => [origin.Id ?? '', readOrigin(resource, origin, hosts)]),
  );
  const read = (behavior: BehaviorProperties) => readBehavior(behavior, { stack, resource, origins, hosts });
  const domain = String(stack.resolve({ 'Fn::GetAtt': [resource.logicalId, 'DomainName'] }));
  return {
    id: resource.ref,
    arn: `arn:aws:cloudfront::${stack.accountId}:distribution/${resource.ref}`,
    domain,
    hosts: [domain, ...(config.Aliases ?? [])],
    ...(config.DefaultRootObject ? { rootObject: config.DefaultRootObject } : {}),
    origins,
    behaviors: [
      ...(config.CacheBehaviors ?? []).map(read),
      read({ ...config.DefaultCacheBehavior, PathPattern: '*' }),
    ],
  };
}

function refuseUnsupported(resource: Resource<object>, config: DistributionConfig): void {
  if ((config.OriginGroups?.Items ?? []).length > 0)
    throw new UnsupportedResource(resource, "OriginGroups aren't emulated.");
  if ((config.CustomErrorResponses ?? []).length > 0)
    throw new UnsupportedResource(resource, "CustomErrorResponses aren't emulated.");
}

function readOrigin(resource: Resource<object>, origin: OriginProperties, hosts: Hosts): Origin {
  const { Id = '', DomainName = '', OriginPath = '', CustomOriginConfig, ConnectionAttempts } = origin;
  const isBucket = hosts.isBucket(DomainName);
  if (!isBucket && !hosts.isApi(DomainName)) {
    throw new UnsupportedResource(
      resource,
      `its origin "${Id}" (${DomainName}) is no API and no bucket of this template, and no other origin is emulated.`,
    );
  }
  if (
    isBucket !== (origin.S3OriginConfig !== undefined) ||
    (origin.S3OriginConfig?.OriginAccessIdentity ?? '') !== ''
  )
    throw new UnsupportedResource(
      resource,
      `its origin "${Id}": a bucket needs an S3OriginConfig without an identity, an API none.`,
    );
  if (CustomOriginConfig?.OriginProtocolPolicy === 'http-only')
    throw new UnsupportedResource(
      resource,
      `its origin "${Id}" is http-only; API Gateway speaks https only.`,
    );
  if (OriginPath !== '' && !/^\/.*[^/]$/.test(OriginPath))
    throw new UnsupportedResource(
      resource,
      `the OriginPath "${OriginPath}" must begin with / and not end with it.`,
    );
  return {
    id: Id,
    host: DomainName,
    path: OriginPath,
    signs: (origin.OriginAccessControlId ?? '') !== '',
    readTimeoutMs: Number(CustomOriginConfig?.OriginReadTimeout ?? READ_TIMEOUT_SECONDS) * 1000,
    attempts: Number(ConnectionAttempts ?? ATTEMPTS),
    headers: (origin.OriginCustomHeaders ?? []).map(({ HeaderName, HeaderValue }) => [
      HeaderName,
      HeaderValue,
    ]),
  };
}

interface Place {
  readonly stack: Stack;
  readonly resource: Resource<object>;
  readonly origins: ReadonlyMap<string, Origin>;
  readonly hosts: Hosts;
}

function readBehavior(behavior: BehaviorProperties, place: Place): Behavior {
  const { stack, resource, origins } = place;
  const { PathPattern = '*', TargetOriginId = '', AllowedMethods = ['GET', 'HEAD'] } = behavior;
  const origin = origins.get(TargetOriginId);
  const problem = problemOf(behavior, origin !== undefined && place.hosts.isBucket(origin.host));
  if (problem !== undefined) throw new UnsupportedResource(resource, `behavior "${PathPattern}": ${problem}`);
  if (!origin)
    throw new UnsupportedResource(
      resource,
      `behavior "${PathPattern}": there is no origin "${TargetOriginId}".`,
    );
  const fn = readFunction(stack, resource, behavior);
  return {
    pattern: PathPattern,
    matches: pathMatcher(PathPattern),
    origin,
    methods: new Set(AllowedMethods),
    policy: originRequestPolicy(stack, behavior.OriginRequestPolicyId, resource),
    headers: responseHeaders(stack, behavior.ResponseHeadersPolicyId, resource),
    ...(fn && { fn }),
  };
}

function problemOf(behavior: BehaviorProperties, isBucket: boolean): string | undefined {
  const unsupported = UNSUPPORTED.find((name) => isSet((behavior as Record<string, unknown>)[name]));
  if (unsupported !== undefined) return `${unsupported} isn't emulated.`;
  if (isBucket && behavior.CachePolicyId === CACHING_OPTIMIZED) return undefined;
  if (behavior.CachePolicyId !== CACHING_DISABLED)
    return `CachePolicyId ${behavior.CachePolicyId} isn't emulated, because nothing is cached here; use CachingDisabled (${CACHING_DISABLED}).`;
  return undefined;
}

function isSet(value: unknown): boolean {
  if (value === undefined || value === false || value === '') return false;
  return Array.isArray(value) ? value.length > 0 : true;
}

function readFunction(
  stack: Stack,
  resource: Resource<object>,
  { FunctionAssociations = [] }: BehaviorProperties,
): EdgeFunction | undefined {
  const [association, ...more] = FunctionAssociations;
  if (association === undefined) return undefined;
  if (more.length > 0 || association.EventType !== 'viewer-request')
    throw new UnsupportedResource(resource, 'only one function, on viewer-request, is emulated.');
  const fn = stack
    .ofType<EdgeFunctionProperties>('AWS::CloudFront::Function')
    .find(({ arn }) => arn === association.FunctionARN);
  if (!fn)
    throw new UnsupportedResource(
      resource,
      `its function ${association.FunctionARN} is not in this template.`,
    );
  return compileEdgeFunction(fn);
}

/** "Path pattern": `*` is any run of characters, `?` exactly one; case-sensitive, with or without the first slash. */
function pathMatcher(pattern: string): (path: string) => boolean {
  if (pattern === '*') return () => true;
  const source = pattern
    .replace(/^\//, '')
    .replace(/[.+^${}()|[\]\\]/g, String.raw`\$&`)
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const expression = new RegExp(`^/${source}$`, 's');
  return (path) => expression.test(path);
}
