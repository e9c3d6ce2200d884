/*
 * Properties of the AWS::ApiGatewayV2::* resources this emulator reads, as CloudFormation documents them. Values come
 * from a template, so everything that CloudFormation calls optional is optional here too.
 */
export interface ApiProperties {
  readonly Name?: string;
  readonly ProtocolType?: string;
  readonly RouteSelectionExpression?: string;
  readonly CorsConfiguration?: CorsProperties;
}

export interface CorsProperties {
  readonly AllowCredentials?: boolean | string;
  readonly AllowHeaders?: readonly string[];
  readonly AllowMethods?: readonly string[];
  readonly AllowOrigins?: readonly string[];
  readonly ExposeHeaders?: readonly string[];
  readonly MaxAge?: number | string;
}

export interface ThrottleProperties {
  readonly ThrottlingRateLimit?: number | string;
  readonly ThrottlingBurstLimit?: number | string;
}

export interface StageProperties {
  readonly ApiId?: string;
  readonly StageName?: string;
  readonly AutoDeploy?: boolean | string;
  readonly DeploymentId?: string;
  readonly StageVariables?: Readonly<Record<string, string>>;
  readonly DefaultRouteSettings?: ThrottleProperties;
  readonly RouteSettings?: Readonly<Record<string, ThrottleProperties>>;
}

export interface RouteProperties {
  readonly ApiId?: string;
  readonly RouteKey?: string;
  readonly Target?: string;
  readonly AuthorizationType?: string;
  readonly AuthorizerId?: string;
  readonly RouteResponseSelectionExpression?: string;
}

export interface RouteResponseProperties {
  readonly ApiId?: string;
  readonly RouteId?: string;
  readonly RouteResponseKey?: string;
}

export interface IntegrationProperties {
  readonly ApiId?: string;
  readonly IntegrationType?: string;
  readonly IntegrationUri?: string;
  readonly PayloadFormatVersion?: string;
  readonly TimeoutInMillis?: number | string;
  readonly TemplateSelectionExpression?: string;
  readonly RequestTemplates?: Readonly<Record<string, string>>;
}

export interface IntegrationResponseProperties {
  readonly ApiId?: string;
  readonly IntegrationId?: string;
  readonly IntegrationResponseKey?: string;
  readonly TemplateSelectionExpression?: string;
  readonly ResponseTemplates?: Readonly<Record<string, string>>;
}

export interface AuthorizerProperties {
  readonly ApiId?: string;
  readonly AuthorizerType?: string;
  readonly AuthorizerUri?: string;
  readonly IdentitySource?: string | readonly string[];
}
