/** The ways to name a function: API Gateway integration URI, ARN with or without a qualifier, name with or without one. */
export interface FunctionReference {
  readonly name: string;
  /** Alias or version. */
  readonly qualifier?: string;
}

const INTEGRATION_URI = /^arn:[^:]*:apigateway:[^:]*:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;
const FUNCTION_ARN = /^arn:[^:]*:lambda:[^:]*:\d*:function:([^:]+)(?::([^:]+))?$/;
const FUNCTION_NAME = /^([A-Za-z0-9_-]+)(?::([A-Za-z0-9_$-]+))?$/;

export function parseFunctionReference(fn: string): FunctionReference | undefined {
  const inner = INTEGRATION_URI.exec(fn)?.[1] ?? fn;
  const [, name, qualifier] = FUNCTION_ARN.exec(inner) ?? FUNCTION_NAME.exec(inner) ?? [];
  if (name === undefined) return undefined;
  return qualifier === undefined ? { name } : { name, qualifier };
}
