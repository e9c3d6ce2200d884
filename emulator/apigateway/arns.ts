import type { Stack } from '../types.ts';

/** `arn:aws:execute-api:<region>:<account>:<api id>/<rest>`: source of invokes and resource of permissions. */
export function executeApiArn(
  stack: Pick<Stack, 'region' | 'accountId'>,
  apiId: string,
  rest: string,
): string {
  return `arn:aws:execute-api:${stack.region}:${stack.accountId}:${apiId}/${rest}`;
}

/** Host name AWS gives an API. Events carry it whatever name the client used to reach this machine. */
export function apiDomain(stack: Pick<Stack, 'region'>, apiId: string): string {
  return `${apiId}.execute-api.${stack.region}.amazonaws.com`;
}

/** The API id in `<api id>.execute-api.<anything>`, undefined for other hosts. */
export function apiIdOfHost(host: string | undefined): string | undefined {
  return /^([^.:]+)\.execute-api\./i.exec(host ?? '')?.[1];
}
