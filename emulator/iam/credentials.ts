/**
 * Who may call the AWS endpoint: one set of temporary credentials per function, drawn at every start, and one fixed
 * long-term key for the operator (tests, scripts, a back end running on this machine), which passes every policy check.
 */
import { randomBytes } from 'node:crypto';
import type { Stack } from '../types.ts';
import { roleOfFunction } from './function-role.ts';

export interface TemporaryCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

export interface LongTermCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

export interface Caller {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent for the operator. */
  readonly function?: {
    readonly logicalId: string;
    readonly functionName: string;
    readonly roleLogicalId: string;
  };
}

export interface Credentials {
  /** What Lambda puts into `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY` and `AWS_SESSION_TOKEN` of the function. */
  forFunction(logicalId: string): TemporaryCredentials;
  readonly operator: LongTermCredentials;
  caller(accessKeyId: string): Caller | undefined;
}

/** Public on purpose: the endpoint listens on the loopback interface only. */
export const OPERATOR_CREDENTIALS: LongTermCredentials = {
  accessKeyId: 'AKIALOCALOPERATOR000',
  secretAccessKey: 'local-operator-secret-not-valid-on-aws-00',
};

export function createCredentials(stack: Stack): Credentials {
  const callers = new Map<string, Caller>([[OPERATOR_CREDENTIALS.accessKeyId, OPERATOR_CREDENTIALS]]);
  const functions = new Map<string, TemporaryCredentials>();
  for (const { logicalId, ref } of stack.ofType('AWS::Lambda::Function')) {
    const drawn = draw();
    functions.set(logicalId, drawn);
    const roleLogicalId = roleOfFunction(stack, logicalId).logicalId;
    callers.set(drawn.accessKeyId, { ...drawn, function: { logicalId, functionName: ref, roleLogicalId } });
  }
  return {
    operator: OPERATOR_CREDENTIALS,
    caller: (accessKeyId) => callers.get(accessKeyId),
    forFunction(logicalId) {
      const found = functions.get(logicalId);
      if (found === undefined) throw new Error(`There is no function ${logicalId} to give credentials to`);
      return found;
    },
  };
}

/** `ASIA` marks temporary keys (IAM User Guide, "Understanding unique ID prefixes"). */
function draw(): TemporaryCredentials {
  return {
    accessKeyId: `ASIA${randomBytes(8).toString('hex').toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString('base64'),
    sessionToken: randomBytes(96).toString('base64'),
  };
}
