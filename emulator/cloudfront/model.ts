import { UnsupportedResource } from '../apigateway/template-error.ts';
import type { Resource, Stack } from '../types.ts';
import { compileEdgeFunction, type EdgeFunction } from './edge-function.ts';
import { originRequestPolicy, type OriginRequestPolicy } from './origin-request-policy.ts';
import type {
  BehaviorProperties,
  DistributionConfig,
  DistributionProperties,
  EdgeFunctionProperties,
  OriginProperties,
} from './template-properties.ts';

export interface Distribution {
  readonly id: string;
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
  /** Host name of an API of the same template. */
  readonly host: string;
  /** Put in front of the viewer's path: empty or `/stage`. */
  readonly path: string;
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
  /** Runs on viewer requests. */
  readonly fn?: EdgeFunction;
}

/** Managed policy CachingDisabled: the only one played, for nothing is cached here. */
const CACHING_DISABLED = '4135ea2d-6df8-44a3-9df3-4b5a84be39ad';
/** "The default is 30 seconds", "the default is 3 attempts" (CloudFront API Reference, Origin and CustomOriginConfig). */
const READ_TIMEOUT_SECONDS = 30;
const ATTEMPTS = 3;

/** Behaviour settings that change what viewers get and aren't played. */
const UNSUPPORTED = [
  'LambdaFunctionAssociations',
  'ForwardedValues',
  'ResponseHeadersPolicyId',
  'TrustedKeyGroups',
  'TrustedSigners',
  'FieldLevelEncryptionId',
  'SmoothStreaming',
  'GrpcConfig',
] as const;

/** Whether a host name is that of an API of the template. */
export type IsApi = (host: string) => boolean;

/** The enabled distributions of a template. Throws UnsupportedResource for what this emulator can't play. */
export function readDistributions(stack: Stack, isApi: IsApi): readonly Distribution[] {
  return stack
    .ofType<DistributionProperties>('AWS::CloudFront::Distribution')
    .filter(({ properties }) => String(properties.DistributionConfig?.Enabled) === 'true')
    .map((resource) => readDistribution(stack, resource, isApi));
}

function readDistribution(
  stack: Stack,
  resource: Resource<DistributionProperties>,
  isApi: IsApi,
): Distribution {
  const { DistributionConfig: config = {} } = resource.properties;
  refuseUnsupported(resource, config);
  const origins = new Map(
    (config.Origins ?? []).map((origin) => [origin.Id ?? '', readOrigin(resource, origin, isApi)]),
  );
  const read = (behavior: BehaviorProperties) => readBehavior(behavior, { stack, resource, origins });
  const domain = String(stack.resolve({ 'Fn::GetAtt': [resource.logicalId, 'DomainName'] }));
  return {
    id: resource.ref,
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

function readOrigin(resource: Resource<object>, origin: OriginProperties, isApi: IsApi): Origin {
  const { Id = '', DomainName = '', OriginPath = '', CustomOriginConfig, ConnectionAttempts } = origin;
  if (!isApi(DomainName)) {
    throw new UnsupportedResource(
      resource,
      `its origin "${Id}" (${DomainName}) is no API of this template, and no other origin is emulated.`,
    );
  }
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
}

function readBehavior(behavior: BehaviorProperties, { stack, resource, origins }: Place): Behavior {
  const { PathPattern = '*', TargetOriginId = '', AllowedMethods = ['GET', 'HEAD'] } = behavior;
  const problem = problemOf(behavior);
  if (problem !== undefined) throw new UnsupportedResource(resource, `behavior "${PathPattern}": ${problem}`);
  const origin = origins.get(TargetOriginId);
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
    ...(fn && { fn }),
  };
}

function problemOf(behavior: BehaviorProperties): string | undefined {
  const unsupported = UNSUPPORTED.find((name) => isSet((behavior as Record<string, unknown>)[name]));
  if (unsupported !== undefined) return `${unsupported} isn't emulated.`;
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
