import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadStack } from '../../../emulator/assembly/load-stack.ts';
import { BOARD, boardStack, type LooseTemplate, stackOf, writeAssembly } from './assemblies.ts';

const ALARM = 'AWS::CloudWatch::Alarm';
const LOG_GROUP = 'AWS::Logs::LogGroup';

/** What an expression resolves to, seen through an output. */
function evaluate(expression: unknown, rest: Partial<LooseTemplate> = {}): string | undefined {
  return stackOf({ Resources: {}, ...rest, Outputs: { Result: { Value: expression } } }).outputs['Result'];
}

describe('a cloud assembly that the emulator has never seen', () => {
  it('loads with every reference resolved', () => {
    const stack = loadStack(BOARD);
    const [fn] = stack.ofType('AWS::Lambda::Function');
    const api = stack.get('Sockets')?.ref ?? '';
    expect(stack.name).toBe('board');
    expect(api).toMatch(/^[a-z0-9]{10}$/);
    expect(fn?.properties['Environment']).toEqual({
      Variables: {
        POSTS: stack.get('Posts')?.ref,
        CONNECTIONS: 'board-connections',
        PEPPER: stack.get('Pepper')?.arn,
        CALLBACK: `https://${api}.execute-api.us-east-1.amazonaws.com/live`,
      },
    });
    expect(fn?.properties['Runtime']).toBe('nodejs22.x');
    expect(stack.outputs).toEqual({
      SocketUrl: `wss://${api}.execute-api.us-east-1.amazonaws.com/live`,
      WebUrl: `https://${stack.get('Web')?.ref}.execute-api.us-east-1.amazonaws.com`,
    });
  });

  it('gives the same names and ids at every start', () => {
    const refs = (stack = loadStack(BOARD)) =>
      ['Posts', 'Sockets', 'ToBoard', 'Pepper', 'BoardRole'].map((id) => stack.get(id)?.ref);
    expect(refs()).toEqual(refs());
    expect(new Set(refs()).size).toBe(5);
  });

  it('finds the directory of a function asset', () => {
    const directory = loadStack(BOARD).assetDirectory('Board');
    expect(readFileSync(join(directory, 'index.mjs'), 'utf8')).toContain('export async function handler');
  });

  it('writes inline code to a directory with an index file', () => {
    const stack = boardStack(({ Resources }) => {
      Resources['Board']!.Properties.Code = { ZipFile: 'exports.handler = async () => 1;' };
    });
    expect(readFileSync(join(stack.assetDirectory('Board'), 'index.js'), 'utf8')).toContain(
      'exports.handler',
    );
  });

  it('says which asset is missing', () => {
    const stack = boardStack(({ Resources }) => {
      Resources['Board']!.Properties.Code.S3Key = 'other.zip';
    });
    expect(() => stack.assetDirectory('Board')).toThrow('Board: the cloud assembly has no asset other.zip');
  });

  it('uses the region and account it is given', () => {
    const stack = loadStack(BOARD, { region: 'eu-central-1', accountId: '123456789012' });
    expect(stack.get('Connections')?.arn).toBe(
      'arn:aws:dynamodb:eu-central-1:123456789012:table/board-connections',
    );
  });

  it('leaves out resources and outputs whose condition is false, and properties set to AWS::NoValue', () => {
    const stack = loadStack(BOARD);
    expect(stack.get('Trouble')).toBeUndefined();
    expect(stack.outputs).not.toHaveProperty('AlarmName');
    const debug = boardStack((template) => {
      (template.Parameters as { Mode: { Default: string } }).Mode.Default = 'debug';
    });
    expect(debug.outputs).toHaveProperty('AlarmName');
    expect(debug.get('Board')?.properties['Environment']).toMatchObject({ Variables: { DEBUG: '1' } });
  });
});

describe('intrinsic functions', () => {
  it.each([
    [{ 'Fn::Join': ['-', ['a', { Ref: 'AWS::Region' }, 3]] }, 'a-us-east-1-3'],
    [{ 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [
      { 'Fn::Sub': '${AWS::AccountId} ${!Literal} ${Group} ${Group.Arn}' },
      '000000000000 ${Literal} logs arn:aws:logs:us-east-1:000000000000:log-group:logs:*',
    ],
    [{ 'Fn::Sub': ['${A}.${AWS::URLSuffix}', { A: { Ref: 'Group' } }] }, 'logs.amazonaws.com'],
    [{ 'Fn::Base64': { Ref: 'AWS::Partition' } }, 'YXdz'],
    [{ 'Fn::FindInMap': ['Sizes', { Ref: 'AWS::Region' }, 'memory'] }, '256'],
    [{ 'Fn::If': ['Both', 'yes', 'no'] }, 'yes'],
    [{ 'Fn::If': ['Neither', 'yes', 'no'] }, 'no'],
    [{ 'Fn::Join': [',', { Ref: 'Letters' }] }, 'a,b'],
  ])('%j is %s', (expression, expected) => {
    const rest: Partial<LooseTemplate> = {
      Resources: { Group: { Type: LOG_GROUP, Properties: { LogGroupName: 'logs' } } },
      Parameters: { Letters: { Type: 'CommaDelimitedList', Default: 'a, b' } },
      Mappings: { Sizes: { 'us-east-1': { memory: 256 } } },
      Conditions: {
        Here: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] },
        There: { 'Fn::Not': [{ Condition: 'Here' }] },
        Both: {
          'Fn::And': [{ Condition: 'Here' }, { 'Fn::Or': [{ Condition: 'There' }, { Condition: 'Here' }] }],
        },
        Neither: { 'Fn::Or': [{ Condition: 'There' }, { Condition: 'There' }] },
      },
    };
    expect(evaluate(expression, rest)).toBe(expected);
  });

  it.each([
    [{ 'Fn::ImportValue': 'other:Export' }, /Fn::ImportValue other:Export/],
    [{ 'Fn::GetAZs': '' }, /does not know the intrinsic function Fn::GetAZs/],
    [{ 'Fn::Select': [2, ['a']] }, /Fn::Select cannot select index 2/],
    [{ 'Fn::FindInMap': ['Sizes', 'a', 'b'] }, /there is no mapping Sizes/],
    [{ Ref: 'Secret' }, /The parameter Secret has no default value/],
    [{ Ref: 'Kept' }, /The parameter Kept is kept in SSM/],
    [{ 'Fn::If': ['Unknown', 1, 2] }, /there is no condition Unknown/],
  ])('%j is refused', (expression, message) => {
    const Parameters = {
      Secret: { Type: 'String' },
      Kept: { Type: 'AWS::SSM::Parameter::Value<String>', Default: '/path' },
    };
    expect(() => evaluate(expression, { Parameters })).toThrow(message);
  });
});

describe('a template the emulator cannot run', () => {
  it('names the type and the logical id of a resource it does not know', () => {
    expect(() => stackOf({ Resources: { Mail: { Type: 'AWS::SES::EmailIdentity' } } })).toThrow(
      /resource type AWS::SES::EmailIdentity \(Mail\)/,
    );
  });

  it('names an attribute it does not know', () => {
    const Resources = {
      Alarm: { Type: ALARM, Properties: {} },
      Fn: {
        Type: 'AWS::Lambda::Permission',
        Properties: { SourceArn: { 'Fn::GetAtt': ['Alarm', 'Colour'] } },
      },
    };
    expect(() => stackOf({ Resources })).toThrow(
      /Fn \(AWS::Lambda::Permission\): .* attribute Colour of Alarm \(AWS::CloudWatch::Alarm\)/,
    );
  });

  it('names the resources of a circle', () => {
    const Resources = {
      A: { Type: LOG_GROUP, Properties: { LogGroupName: { 'Fn::Sub': '${B}' } } },
      B: { Type: LOG_GROUP, DependsOn: ['C'] },
      C: { Type: LOG_GROUP, Properties: { LogGroupName: { Ref: 'A' } } },
    };
    expect(() => stackOf({ Resources })).toThrow('Circular dependency between resources: [A, B, C]');
  });

  it('names a reference to nothing', () => {
    const Resources = {
      A: { Type: LOG_GROUP, Properties: { LogGroupName: { 'Fn::GetAtt': ['Gone', 'Arn'] } } },
    };
    expect(() => stackOf({ Resources })).toThrow('A (AWS::Logs::LogGroup) refers to Gone');
  });

  it('refuses a reference to a resource whose condition is false', () => {
    const Resources = {
      A: { Type: LOG_GROUP, Condition: 'Never' },
      B: { Type: LOG_GROUP, Properties: { LogGroupName: { Ref: 'A' } } },
    };
    expect(() => stackOf({ Resources, Conditions: { Never: { 'Fn::Equals': ['a', 'b'] } } })).toThrow(
      'A does not exist: its condition Never is false',
    );
  });

  it('says that a directory is no assembly', () => {
    expect(() => loadStack('/nowhere')).toThrow('/nowhere is no cloud assembly');
  });

  it('asks which one of several stacks is meant', () => {
    const directory = writeAssembly({ Resources: {} });
    const artifact = (stackName: string) => ({
      type: 'aws:cloudformation:stack',
      properties: { stackName, templateFile: 'test.template.json' },
    });
    writeFileSync(
      join(directory, 'manifest.json'),
      JSON.stringify({ artifacts: { a: artifact('one'), b: artifact('two') } }),
    );
    expect(() => loadStack(directory)).toThrow('several stacks (one, two)');
    expect(loadStack(directory, { stackName: 'two' }).name).toBe('two');
  });
});
