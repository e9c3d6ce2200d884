import type { Bridge } from '../../../compat/index.ts';
import type { Log } from '../../ports/runtime.ts';
import type { UpgradeEvent } from './events.ts';
import { upgradeRequest } from './request.ts';

/** IAM policy and context, as AWS "Output from an Amazon API Gateway Lambda authorizer" has it. Deny is 403. */
export interface AuthorizerResult {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      {
        readonly Action: 'execute-api:Invoke';
        readonly Effect: 'Allow' | 'Deny';
        readonly Resource: string;
      },
    ];
  };
  /** Repeated by API Gateway in every event of the connection. */
  readonly context?: { readonly sid: string };
}

/** The REQUEST authorizer of `$connect`: whoever passes has a session, or probes one. Never throws: that would be a 500. */
export async function authorize(
  { bridge, log, edgeKey }: { readonly bridge: Bridge; readonly log: Log; readonly edgeKey: string },
  event: UpgradeEvent,
): Promise<AuthorizerResult> {
  const { requestId, connectionId } = event.requestContext;
  try {
    const admission = await bridge.admit(upgradeRequest(event, edgeKey));
    if ('refused' in admission) {
      log.info('connection refused', { requestId, connectionId, ...admission.refused });
      return answer(event, 'Deny');
    }
    return { ...answer(event, 'Allow'), context: { sid: admission.sid } };
  } catch (error) {
    log.error('connection not admitted', { requestId, connectionId, error });
    return answer(event, 'Deny');
  }
}

function answer(event: UpgradeEvent, effect: 'Allow' | 'Deny'): AuthorizerResult {
  return {
    // The sid is a secret, and principals stand in access logs.
    principalId: event.requestContext.connectionId,
    policyDocument: {
      Version: '2012-10-17',
      Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: event.methodArn }],
    },
  };
}
