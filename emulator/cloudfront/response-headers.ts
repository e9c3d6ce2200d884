import { UnsupportedResource } from '../apigateway/template-error.ts';
import type { Resource, Stack } from '../types.ts';

interface SecurityHeaders {
  readonly ContentSecurityPolicy?: { readonly ContentSecurityPolicy: string } & Overriding;
  readonly ContentTypeOptions?: Overriding;
  readonly FrameOptions?: { readonly FrameOption: string } & Overriding;
  readonly ReferrerPolicy?: { readonly ReferrerPolicy: string } & Overriding;
  readonly StrictTransportSecurity?: {
    readonly AccessControlMaxAgeSec: number | string;
    readonly IncludeSubdomains?: boolean;
    readonly Preload?: boolean;
  } & Overriding;
}

interface Overriding {
  readonly Override?: boolean | string;
}

interface PolicyConfig {
  readonly Name?: string;
  readonly SecurityHeadersConfig?: SecurityHeaders;
  readonly CustomHeadersConfig?: {
    readonly Items?: readonly ({ readonly Header: string; readonly Value: string } & Overriding)[];
  };
}

interface PolicyProperties {
  readonly ResponseHeadersPolicyConfig?: PolicyConfig;
}

type Headers = Readonly<Record<string, string>>;

/** What a behaviour adds to every answer it sends to viewers ("Add or remove HTTP headers in CloudFront responses with a policy"). */
export type ResponseHeaders = (headers: Headers) => Headers;

const PLAYED = new Set(['Name', 'Comment', 'SecurityHeadersConfig', 'CustomHeadersConfig']);

/** Throws UnsupportedResource for a policy that is not of this template or asks for more than headers. */
export function responseHeaders(
  stack: Stack,
  id: string | undefined,
  distribution: Resource<object>,
): ResponseHeaders {
  if (id === undefined) return (headers) => headers;
  const policy = stack
    .ofType<PolicyProperties>('AWS::CloudFront::ResponseHeadersPolicy')
    .find(({ ref }) => ref === id);
  if (policy === undefined)
    throw new UnsupportedResource(
      distribution,
      `ResponseHeadersPolicyId ${id} isn't emulated; use a policy of this template.`,
    );
  const config = policy.properties.ResponseHeadersPolicyConfig ?? {};
  const unknown = Object.keys(config).find((name) => !PLAYED.has(name));
  if (unknown !== undefined) throw new UnsupportedResource(policy, `${unknown} isn't emulated.`);
  const added = [...security(policy, config.SecurityHeadersConfig ?? {}), ...custom(config)];
  return (headers) => {
    const result = { ...headers };
    for (const { name, value, overrides } of added) if (overrides || !(name in result)) result[name] = value;
    return result;
  };
}

interface Added {
  readonly name: string;
  readonly value: string;
  readonly overrides: boolean;
}

/** Member of SecurityHeadersConfig → header and value. */
const SECURITY: {
  readonly [K in keyof SecurityHeaders]-?: readonly [
    string,
    (config: NonNullable<SecurityHeaders[K]>) => string,
  ];
} = {
  ContentSecurityPolicy: ['content-security-policy', (config) => config.ContentSecurityPolicy],
  ContentTypeOptions: ['x-content-type-options', () => 'nosniff'],
  FrameOptions: ['x-frame-options', (config) => config.FrameOption],
  ReferrerPolicy: ['referrer-policy', (config) => config.ReferrerPolicy],
  StrictTransportSecurity: [
    'strict-transport-security',
    ({ AccessControlMaxAgeSec, IncludeSubdomains, Preload }) =>
      [
        `max-age=${AccessControlMaxAgeSec}`,
        ...(IncludeSubdomains === true ? ['includeSubDomains'] : []),
        ...(Preload === true ? ['preload'] : []),
      ].join('; '),
  ],
};

function security(policy: Resource<object>, configs: SecurityHeaders): readonly Added[] {
  return Object.entries(configs).map(([member, config]) => {
    const rule = SECURITY[member as keyof SecurityHeaders] as
      | readonly [string, (config: Overriding) => string]
      | undefined;
    if (rule === undefined) throw new UnsupportedResource(policy, `${member} isn't emulated.`);
    return { name: rule[0], value: rule[1](config as Overriding), overrides: isTrue(config as Overriding) };
  });
}

function custom({ CustomHeadersConfig: { Items = [] } = {} }: PolicyConfig): readonly Added[] {
  return Items.map((item) => ({
    name: item.Header.toLowerCase(),
    value: item.Value,
    overrides: isTrue(item),
  }));
}

function isTrue({ Override }: Overriding): boolean {
  return String(Override) === 'true';
}
