import { describeError } from '../../wire/json/disclosure.ts';
import type { Ids, Log } from '../../ports/runtime.ts';
import type { Authenticator } from '../../ports/security.ts';
import { attest } from './attestation.ts';
import { tokenOf } from './connect-request.ts';
import type { AuthorizerEvent } from './events.ts';

export interface AuthorizeDeps {
  readonly authenticator: Authenticator;
  readonly ids: Pick<Ids, 'session'>;
  readonly log: Log;
}

/** IAM policy and context, as AWS "Output from an Amazon API Gateway Lambda authorizer" has it. */
export interface AuthorizerResult {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: readonly [
      { readonly Action: 'execute-api:Invoke'; readonly Effect: 'Allow'; readonly Resource: string },
    ];
  };
  readonly context: Readonly<Record<string, string>>;
}

/**
 * The REQUEST authorizer of `$connect`: checks the token and nothing else. No user is looked up here; `$connect` does that
 * together with its own write.
 *
 * Throwing exactly `Unauthorized` makes API Gateway answer 401; any other error is 500 (AWS "Use Lambda authorizers with
 * WebSocket APIs").
 */
export async function authorize(deps: AuthorizeDeps, event: AuthorizerEvent): Promise<AuthorizerResult> {
  const { requestId, connectionId } = event.requestContext;
  try {
    const identity = await deps.authenticator.verify(tokenOf(event));
    return {
      principalId: identity.userId,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect: 'Allow', Resource: event.methodArn }],
      },
      context: attest({ identity, sessionId: deps.ids.session() }),
    };
  } catch (error) {
    const { code } = describeError(error);
    const refused = code === 'token_missing' || code === 'token_invalid' || code === 'token_expired';
    deps.log[refused ? 'info' : 'error']('connection not authorized', {
      requestId,
      connectionId,
      code,
      error,
    });
    throw new Error(refused ? 'Unauthorized' : 'Authorizer failed', { cause: error });
  }
}
