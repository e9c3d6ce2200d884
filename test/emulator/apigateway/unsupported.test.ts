import { expect, test } from 'vitest';
import { startSandbox, type Template } from './sandbox.ts';

type Change = (resources: Template['Resources']) => void;
const set =
  (id: string, properties: object): Change =>
  (resources) =>
    Object.assign(resources[id]!.Properties, properties);

test.each<[string, Change, RegExp]>([
  ['an integration with a URL', set('OpenToMain', { IntegrationType: 'HTTP' }), /"OpenToMain".*HTTP/],
  ['MOCK on an HTTP API', set('WebToMain', { IntegrationType: 'MOCK' }), /"WebToMain".*MOCK/],
  [
    'a mapping template with logic',
    set('OpenToMain', {
      IntegrationType: 'MOCK',
      TemplateSelectionExpression: '\\$default',
      RequestTemplates: { $default: '#set($x = 1){"statusCode": 200}' },
    }),
    /"OpenToMain".*VTL/,
  ],
  [
    'a template selection that looks into the message',
    set('OpenToMain', { IntegrationType: 'MOCK', TemplateSelectionExpression: '$request.body.kind' }),
    /"OpenToMain".*TemplateSelectionExpression/,
  ],
  ['payload format 1.0', set('WebToMain', { PayloadFormatVersion: '1.0' }), /"WebToMain".*1\.0/],
  ['a timeout above 29 s', set('OpenToMain', { TimeoutInMillis: 30_000 }), /"OpenToMain".*29000/],
  ['IAM authorization', set('OpenConnect', { AuthorizationType: 'AWS_IAM' }), /"OpenConnect".*AWS_IAM/],
  ['a JWT authorizer on an HTTP API', set('WebItem', { AuthorizationType: 'JWT' }), /"WebItem".*JWT/],
  [
    'an authorizer elsewhere than on $connect',
    set('GuardedEcho', { AuthorizationType: 'CUSTOM' }),
    /"GuardedEcho".*\$connect/,
  ],
  [
    'an identity source with a wrong prefix',
    set('StrictAuthorizer', { IdentitySource: ['$request.header.X'] }),
    /"StrictAuthorizer".*\$request\.header\.X/,
  ],
  [
    'a route response without a selection expression',
    (resources) => delete resources['OpenEcho']!.Properties['RouteResponseSelectionExpression'],
    /"OpenEcho"/,
  ],
  [
    'an unknown route selection',
    set('Open', { RouteSelectionExpression: '$context.stage' }),
    /"Open".*\$context\.stage/,
  ],
])('%s stops the start with an error that names the resource', async (_title, change, error) => {
  await expect(startSandbox({}, ({ Resources }) => change(Resources))).rejects.toThrow(error);
});
