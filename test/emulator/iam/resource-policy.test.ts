import { describe, expect, it } from 'vitest';
import { createCredentials, OPERATOR_CREDENTIALS } from '../../../emulator/iam/credentials.ts';
import { mayInvoke } from '../../../emulator/iam/resource-policy.ts';
import type { Stack } from '../../../emulator/types.ts';
import { boardStack } from '../assembly/assemblies.ts';

const PRINCIPAL = 'apigateway.amazonaws.com';

function arnOf(stack: Stack, api: string, tail: string): string {
  return `arn:aws:execute-api:us-east-1:000000000000:${stack.get(api)?.ref}/${tail}`;
}

describe('an API may invoke a function', () => {
  const stack = boardStack();

  it.each([
    ['on a route its permission covers', 'Sockets', 'live/$connect', PRINCIPAL, true],
    ['on another stage', 'Sockets', 'test/$connect', PRINCIPAL, false],
    ['on the one HTTP route', 'Web', '$default/GET/boards/{board}', PRINCIPAL, true],
    ['on another HTTP route', 'Web', '$default/POST/boards/{board}', PRINCIPAL, false],
    ['as another service', 'Sockets', 'live/$connect', 'events.amazonaws.com', false],
  ])('%s: %s %s by %s is %s', (...[, api, tail, principal, expected]) => {
    expect(mayInvoke(stack, 'Board', { principal, sourceArn: arnOf(stack, api, tail) })).toBe(expected);
  });

  it('not without a permission', () => {
    const bare = boardStack(({ Resources }) => delete Resources['SocketsMayInvoke']);
    expect(
      mayInvoke(bare, 'Board', { principal: PRINCIPAL, sourceArn: arnOf(bare, 'Sockets', 'live/$connect') }),
    ).toBe(false);
    expect(
      mayInvoke(bare, 'Nothing', {
        principal: PRINCIPAL,
        sourceArn: arnOf(bare, 'Sockets', 'live/$connect'),
      }),
    ).toBe(false);
  });

  it('not from another account, and not for another action', () => {
    const changed = (properties: object) => {
      const other = boardStack(
        ({ Resources }) => void Object.assign(Resources['SocketsMayInvoke']!.Properties, properties),
      );
      return mayInvoke(other, 'Board', {
        principal: PRINCIPAL,
        sourceArn: arnOf(other, 'Sockets', 'live/$connect'),
      });
    };
    expect(changed({ SourceAccount: '000000000000' })).toBe(true);
    expect(changed({ SourceAccount: '999999999999' })).toBe(false);
    expect(changed({ Action: 'lambda:GetFunction' })).toBe(false);
    expect(changed({ FunctionName: { 'Fn::GetAtt': ['Board', 'Arn'] } })).toBe(true);
    expect(changed({ FunctionName: 'another' })).toBe(false);
  });
});

describe('credentials', () => {
  it('are drawn per function and start, and lead back to the function and its role', () => {
    const stack = boardStack();
    const first = createCredentials(stack);
    const keys = first.forFunction('Board');
    expect(keys.accessKeyId).toMatch(/^ASIA[0-9A-F]{16}$/);
    expect(first.caller(keys.accessKeyId)).toEqual({
      ...keys,
      function: { logicalId: 'Board', functionName: stack.get('Board')?.ref, roleLogicalId: 'BoardRole' },
    });
    expect(createCredentials(stack).forFunction('Board')).not.toEqual(keys);
    expect(first.caller('AKIANOBODY')).toBeUndefined();
    expect(() => first.forFunction('Nothing')).toThrow('no function Nothing');
  });

  it('of the operator are the documented ones and belong to no function', () => {
    const credentials = createCredentials(boardStack());
    expect(credentials.operator).toEqual(OPERATOR_CREDENTIALS);
    expect(credentials.caller(OPERATOR_CREDENTIALS.accessKeyId)?.function).toBeUndefined();
  });

  it('are refused to a function whose role is missing or not for Lambda', () => {
    expect(() =>
      createCredentials(
        boardStack(({ Resources }) => (Resources['Board']!.Properties.Role = 'arn:aws:iam::1:role/gone')),
      ),
    ).toThrow('Board: its role arn:aws:iam::1:role/gone is not in the template');
    expect(() =>
      createCredentials(
        boardStack(
          ({ Resources }) =>
            (Resources['BoardRole']!.Properties.AssumeRolePolicyDocument.Statement[0].Principal.Service = [
              'ec2.amazonaws.com',
            ]),
        ),
      ),
    ).toThrow('Board: The role defined for the function cannot be assumed by Lambda. (BoardRole)');
  });
});
