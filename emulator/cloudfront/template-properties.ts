/* Properties of the AWS::CloudFront::* resources this emulator reads, as CloudFormation documents them. */
export interface DistributionProperties {
  readonly DistributionConfig?: DistributionConfig;
}

export interface DistributionConfig {
  readonly Enabled?: boolean | string;
  readonly Aliases?: readonly string[];
  readonly DefaultRootObject?: string;
  readonly Origins?: readonly OriginProperties[];
  readonly DefaultCacheBehavior?: BehaviorProperties;
  readonly CacheBehaviors?: readonly BehaviorProperties[];
  readonly OriginGroups?: { readonly Quantity?: number; readonly Items?: readonly unknown[] };
  readonly CustomErrorResponses?: readonly unknown[];
}

export interface OriginProperties {
  readonly Id?: string;
  readonly DomainName?: string;
  readonly OriginPath?: string;
  readonly ConnectionAttempts?: number | string;
  readonly OriginCustomHeaders?: readonly { readonly HeaderName: string; readonly HeaderValue: string }[];
  /** Id; AWS::CloudFront::OriginAccessControl. */
  readonly OriginAccessControlId?: string;
  readonly S3OriginConfig?: { readonly OriginAccessIdentity?: string };
  readonly CustomOriginConfig?: {
    readonly OriginProtocolPolicy?: string;
    readonly OriginReadTimeout?: number | string;
  };
}

export interface BehaviorProperties {
  readonly PathPattern?: string;
  readonly TargetOriginId?: string;
  readonly AllowedMethods?: readonly string[];
  readonly CachePolicyId?: string;
  readonly OriginRequestPolicyId?: string;
  readonly ResponseHeadersPolicyId?: string;
  readonly ViewerProtocolPolicy?: string;
  readonly FunctionAssociations?: readonly {
    readonly EventType?: string;
    readonly FunctionARN?: string;
  }[];
}

export interface EdgeFunctionProperties {
  readonly Name?: string;
  readonly FunctionCode?: string;
  readonly FunctionConfig?: {
    readonly Runtime?: string;
    readonly KeyValueStoreAssociations?: readonly unknown[];
  };
}

interface PolicyPart<Behavior extends string> {
  readonly behavior: Behavior;
  readonly names: readonly string[];
}

/** AWS::CloudFront::OriginRequestPolicy, whichever way it is written. */
export interface OriginRequestPolicyProperties {
  readonly OriginRequestPolicyConfig?: {
    readonly HeadersConfig?: { readonly HeaderBehavior?: string; readonly Headers?: readonly string[] };
    readonly CookiesConfig?: { readonly CookieBehavior?: string; readonly Cookies?: readonly string[] };
    readonly QueryStringsConfig?: {
      readonly QueryStringBehavior?: string;
      readonly QueryStrings?: readonly string[];
    };
  };
}

export type Selection = PolicyPart<'none' | 'all' | 'whitelist' | 'allExcept'>;
