/** Errors in the shape of each service's protocol (Smithy: "AWS JSON 1.0/1.1 protocol" and "AWS restJson1 protocol"). */
import type { AwsResponse } from '../types.ts';

/** Services whose errors carry their name in a header and whose operations are paths. */
const REST_SERVICES: ReadonlySet<string> = new Set(['execute-api', 'lambda']);

export interface AwsError {
  readonly code: string;
  readonly message: string;
  /** Default 400; 403 for a REST service's refusals of a caller. */
  readonly status?: number;
  /** Shape namespace of the JSON protocols. Default `com.amazon.coral.service`. */
  readonly namespace?: string;
}

const REFUSALS: ReadonlySet<string> = new Set([
  'AccessDeniedException',
  'IncompleteSignatureException',
  'InvalidSignatureException',
  'MissingAuthenticationTokenException',
  'UnrecognizedClientException',
]);

export function awsError(
  service: string,
  { code, message, status, namespace = 'com.amazon.coral.service' }: AwsError,
): AwsResponse {
  if (REST_SERVICES.has(service)) {
    return {
      status: status ?? (REFUSALS.has(code) ? 403 : 400),
      headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
      body: JSON.stringify({ message }),
    };
  }
  // Access denied is the one error that spells it "Message".
  const body = {
    __type: `${namespace}#${code}`,
    [code === 'AccessDeniedException' ? 'Message' : 'message']: message,
  };
  return { status: status ?? 400, body: JSON.stringify(body) };
}

/** The error name inside an answer, 'ok' for a success: what the meter counts. */
export function outcomeOf({ status, headers, body }: AwsResponse): string {
  if (status < 400) return 'ok';
  const named =
    headers?.['x-amzn-errortype'] ?? /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(String(body ?? ''))?.[1];
  return named ?? `HTTP ${status}`;
}
