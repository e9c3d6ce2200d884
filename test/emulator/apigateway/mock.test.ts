import { afterEach, describe, expect, test } from 'vitest';
import { connect, refusal } from './client.ts';
import { DOORBELL, startSandbox, type Sandbox, type Seen, type Template } from './sandbox.ts';

let sandbox: Sandbox;
afterEach(() => sandbox.close());

const start = async (change?: (resources: Template['Resources']) => void) =>
  (sandbox = await startSandbox({}, change && (({ Resources }) => change(Resources)), DOORBELL));
const ofMain = (eventType: string) => (event: Seen) =>
  event.type === undefined && event.requestContext?.eventType === eventType;

describe('a MOCK integration of $connect', () => {
  test('opens without a function; the context of the authorizer comes with frames and $disconnect', async () => {
    await start();
    const client = await connect(sandbox.url('ring'));
    client.send('hello');
    expect(await client.next()).toBe('echo hello');
    client.socket.close();
    for (const type of ['MESSAGE', 'DISCONNECT']) {
      const { requestContext } = await sandbox.seen(ofMain(type));
      expect(requestContext.authorizer).toEqual({ principalId: 'bell', sid: 'sid-1' });
    }
    expect(sandbox.count(ofMain('CONNECT'))).toBe(0);
    expect(sandbox.emulator.meter().events['sockets $connect']).toMatchObject({ lambdaInvocations: 1 });
  });

  test('does not stand above the authorizer', async () => {
    await start();
    expect(await refusal(sandbox.url('ring?auth=deny'))).toBe(403);
  });

  test.each<[string, Record<string, unknown>, number]>([
    ['no template', { RequestTemplates: undefined }, 500],
    ['nothing that selects it', { TemplateSelectionExpression: undefined }, 500],
    ['another key', { RequestTemplates: { 'application/json': '{"statusCode": 200}' } }, 500],
    ['a status that is text', { RequestTemplates: { $default: '{"statusCode": "200"}' } }, 500],
    ['no JSON', { RequestTemplates: { $default: 'yes' } }, 500],
    ['a refusal', { RequestTemplates: { $default: '{"statusCode": 403}' } }, 403],
    [
      'a constant key',
      { TemplateSelectionExpression: '200', RequestTemplates: { 200: '{"statusCode":200}' } },
      101,
    ],
  ])('with %s %#', async (_what, properties, status) => {
    await start((resources) => Object.assign(resources['SocketsMock']!.Properties, properties));
    expect(await refusal(sandbox.url('ring'))).toBe(status);
    if (status === 500)
      expect(sandbox.logs.some(({ message }) => message.includes('statusCode should be an integer'))).toBe(
        true,
      );
  });
});

describe('a MOCK integration of a two-way route', () => {
  const toMock = (resources: Template['Resources'], response?: object) => {
    resources['SocketsDefault']!.Properties['Target'] = { 'Fn::Sub': 'integrations/${SocketsMock}' };
    if (response === undefined) return;
    const Properties = { ApiId: { Ref: 'Sockets' }, IntegrationId: { Ref: 'SocketsMock' }, ...response };
    resources['Answer'] = { Type: 'AWS::ApiGatewayV2::IntegrationResponse', Properties };
  };

  test('answers with the selected response template', async () => {
    await start((resources) =>
      toMock(resources, {
        IntegrationResponseKey: '/200/',
        TemplateSelectionExpression: '\\$default',
        ResponseTemplates: { $default: 'ding' },
      }),
    );
    const client = await connect(sandbox.url('ring'));
    client.send('hello');
    expect(await client.next()).toBe('ding');
    client.socket.close();
  });

  test('without an integration response it is an error frame', async () => {
    await start((resources) => toMock(resources));
    const client = await connect(sandbox.url('ring'));
    client.send('hello');
    expect(JSON.parse(await client.next())).toMatchObject({ message: 'Internal server error' });
    client.socket.close();
  });
});
