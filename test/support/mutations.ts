import type { Scenario } from './scenario.ts';
import { removeResource, type Template, type TemplateResource } from './template.ts';
import { NATIVE_STAGE } from '../../lambdas/manifest/routes.ts';

/** One thing taken out of a template. */
export interface Mutation {
  readonly kind:
    | 'permission'
    | 'route'
    | 'variable'
    | 'invoke permission'
    | 'index'
    | 'schedule'
    | 'event source'
    | 'event rule'
    | 'behaviour'
    | 'edge function'
    | 'edge key';
  readonly title: string;
  /** The part of everything that uses it. */
  readonly scenario: Scenario;
  /** All of them must appear in the failure. */
  readonly names: readonly string[];
  readonly change: (template: Template) => void;
}

interface Statement {
  Action: string | string[];
  Resource: unknown;
}

/** Every mutation a template allows. */
export function mutationsOf(template: Template): Mutation[] {
  return [
    permissions,
    routes,
    variables,
    invocations,
    indexes,
    schedules,
    eventSources,
    eventRules,
    behaviours,
    edgeFunctions,
    edgeKeys,
  ].flatMap((kind) => kind(template));
}

function ofType(template: Template, type: string): [string, TemplateResource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}

/** Who uses a resource, by what its id says. */
function scenarioOf(logicalId: string): Scenario {
  if (/fan-?out/i.test(logicalId)) return 'crowd';
  if (/notify|later|notifications/i.test(logicalId)) return 'dialects';
  return /socketio|polling|sweep/i.test(logicalId) ? 'socketIo' : 'chat';
}

/** Each action on each resource of every statement. Not logs: a function that may not write them runs all the same, on AWS too. */
function permissions(template: Template): Mutation[] {
  return ofType(template, 'AWS::IAM::Policy').flatMap(([id, policy]) =>
    statementsOf(policy).flatMap((statement, index) =>
      pairs(statement)
        .filter(({ action }) => !action.startsWith('logs:'))
        .map(({ action, resource }) => ({
          kind: 'permission' as const,
          title: `${[action, ...methodOf(resource)].join(' ')} of ${id}`,
          scenario: isForCrowd(id, { action, resource })
            ? ('crowd' as const)
            : isForDialects(id, { action, resource })
              ? ('dialects' as const)
              : scenarioOf(id),
          names: [action, nameOf(userOf(template, policy)), ...methodOf(resource)],
          change: (mutated: Template) => removeGrant(mutated, { id, index, action, resource }),
        })),
    ),
  );
}

/** Crowds go to the function for them; and who can't be told is cut, while otherwise functions end only what they serve. */
function isForCrowd(logicalId: string, { action, resource }: { action: string; resource: unknown }): boolean {
  if (action === 'lambda:InvokeFunction') return /fan-?out/i.test(JSON.stringify(resource));
  if (!methodOf(resource).includes('/DELETE/') || /sweep/i.test(logicalId)) return false;
  const serves = scenarioOf(logicalId) === 'socketIo' ? '/socketio/' : '/native/';
  return /rest|notify/i.test(logicalId) || !tail(resource).startsWith(serves);
}

/** What the other scenarios don't ask of a function that they use. */
function isForDialects(
  logicalId: string,
  { action, resource }: { action: string; resource: unknown },
): boolean {
  const path = tail(resource);
  const scenario = scenarioOf(logicalId);
  if (scenario === 'crowd') return false;
  if (action.startsWith('sqs:')) return true;
  return scenario === 'socketIo'
    ? action.startsWith('secretsmanager:') || path.startsWith('/native/')
    : path.startsWith('/socketio/');
}

/** The method of an @connections resource. */
function methodOf(resource: unknown): readonly string[] {
  return tail(resource).match(/\/[A-Z]+\//) ?? [];
}

function pairs(statement: Statement) {
  return [statement.Action]
    .flat()
    .flatMap((action) => [statement.Resource].flat().map((resource) => ({ action, resource })));
}

function removeGrant(
  mutated: Template,
  at: { id: string; index: number; action: string; resource: unknown },
): void {
  const statements = statementsOf(mutated.Resources[at.id]!);
  const [statement] = statements.splice(at.index, 1);
  const left = pairs(statement!).filter(
    ({ action, resource }) =>
      action !== at.action || JSON.stringify(resource) !== JSON.stringify(at.resource),
  );
  statements.push(
    ...left.map(({ action, resource }) => ({ ...statement, Action: action, Resource: resource })),
  );
  if (statements.length === 0) removeResource(mutated, at.id);
}

function statementsOf(policy: TemplateResource): Statement[] {
  return policy.Properties['PolicyDocument'].Statement as Statement[];
}

/** Logical id of the function or schedule with the policy's role. */
function userOf(template: Template, policy: TemplateResource): string {
  const role = policy.Properties['Roles'][0].Ref as string;
  const users = [
    ...ofType(template, 'AWS::Lambda::Function').map(([id, fn]) => [id, fn.Properties['Role']] as const),
    ...ofType(template, 'AWS::Scheduler::Schedule').map(
      ([id, schedule]) => [id, schedule.Properties['Target'].RoleArn] as const,
    ),
  ];
  const [user] = users.find(([, roleArn]) => roleArn['Fn::GetAtt'][0] === role) ?? [];
  if (user === undefined) throw new Error(`nothing has the role ${role}`);
  return user;
}

/** What a function's physical name holds of its logical id: AWS allows 64 characters, so the hash at the end is cut off. */
function nameOf(logicalId: string): string {
  return logicalId.slice(0, -8);
}

function routes(template: Template): Mutation[] {
  return ofType(template, 'AWS::ApiGatewayV2::Route').map(([id, route]) => {
    const key = route.Properties['RouteKey'] as string;
    const api = template.Resources[route.Properties['ApiId'].Ref as string]!.Properties['Name'] as string;
    return {
      kind: 'route' as const,
      title: `${key} of ${api}`,
      scenario: scenarioOf(`${api} ${key}`.replace('/socket.io', 'polling')),
      names: withoutRoute(api, key),
      change: (mutated: Template) => removeRoute(mutated, id),
    };
  });
}

/** How it shows that a route is missing. */
function withoutRoute(api: string, key: string): string[] {
  if (api.endsWith('http'))
    return key === '$default'
      ? ['no route', '"POST /auth/register"', 'Not Found']
      : [`no function ran on route ${api} ${key}`];
  if (key === '$connect') return ['the API has no $connect route'];
  if (api.endsWith('socketio'))
    return key === '$disconnect'
      ? ['step "$disconnect of Socket.IO"']
      : [`apigateway/${api}`, 'and no $default'];
  if (key === '$disconnect') return [`no function ran on route ${api} $disconnect`];
  if (key === '$default') return ['no route "no-such-action" and no $default'];
  return [`step "${key}"`, 'This deployment has no route for the action'];
}

function removeRoute(mutated: Template, id: string): void {
  for (const [other, resource] of ofType(mutated, 'AWS::ApiGatewayV2::RouteResponse'))
    if (resource.Properties['RouteId']?.Ref === id) removeResource(mutated, other);
  removeResource(mutated, id);
}

function variables(template: Template): Mutation[] {
  return ofType(template, 'AWS::Lambda::Function').flatMap(([id, fn]) =>
    Object.keys((fn.Properties['Environment']?.Variables as object | undefined) ?? {}).map((name) => ({
      kind: 'variable' as const,
      title: `${name} of ${id}`,
      scenario: scenarioOf(id),
      names: [`Environment variable ${name} must be set`, nameOf(id)],
      change: (mutated: Template) => {
        delete mutated.Resources[id]!.Properties['Environment'].Variables[name];
      },
    })),
  );
}

function invocations(template: Template): Mutation[] {
  return ofType(template, 'AWS::Lambda::Permission').map(([id, permission]) => {
    const fn = permission.Properties['FunctionName']['Fn::GetAtt'][0] as string;
    return {
      kind: 'invoke permission' as const,
      title: id,
      scenario: scenarioOf(fn),
      names: ['not authorized to perform: lambda:InvokeFunction', nameOf(fn), refusedSource(permission)],
      change: (mutated: Template) => removeResource(mutated, id),
    };
  });
}

/** What the refusal says of who wanted in: stage and route, or the authorizer. An HTTP API's permission is for any stage and method. */
function refusedSource(permission: TemplateResource): string {
  const source = sourceOf(permission);
  const [rule] = (permission.Properties['SourceArn']['Fn::GetAtt'] ?? []) as string[];
  if (rule !== undefined) return nameOf(rule);
  if (source.startsWith('/authorizers/')) return source;
  return `${source === '/*/*' ? '/$default' : source.replace('/*/*', '')})`;
}

/** What follows the API's id in the source ARN; without a reference at its end. */
function sourceOf(permission: TemplateResource): string {
  return tail(permission.Properties['SourceArn']);
}

function indexes(template: Template): Mutation[] {
  return ofType(template, 'AWS::DynamoDB::Table').flatMap(([id, table]) =>
    ((table.Properties['GlobalSecondaryIndexes'] as { IndexName: string }[] | undefined) ?? []).map(
      ({ IndexName }) => ({
        kind: 'index' as const,
        title: `${IndexName} of ${id}`,
        scenario: 'chat' as const,
        names: [IndexName],
        change: (mutated: Template) => {
          const { Properties: p } = mutated.Resources[id]!;
          p['GlobalSecondaryIndexes'] = p['GlobalSecondaryIndexes'].filter(
            (index: { IndexName: string }) => index.IndexName !== IndexName,
          );
        },
      }),
    ),
  );
}

function schedules(template: Template): Mutation[] {
  return ofType(template, 'AWS::Scheduler::Schedule').map(([id]) => ({
    kind: 'schedule' as const,
    title: id,
    scenario: 'socketIo' as const,
    names: ['step "the schedule of the sweep"', 'no schedule called the sweep'],
    change: (mutated: Template) => removeResource(mutated, id),
  }));
}

interface Behaviour {
  readonly PathPattern: string;
  FunctionAssociations?: unknown;
}
interface Origin {
  readonly Id: string;
  OriginCustomHeaders?: unknown;
}

/** Of the only distribution. */
function distributionOf(template: Template): { CacheBehaviors: Behaviour[]; Origins: Origin[] } {
  return ofType(template, 'AWS::CloudFront::Distribution')[0]![1].Properties['DistributionConfig'];
}

/**
 * Not that of the native API: its path is also the emulator's own address for it, so that nobody would notice here;
 * test/cdk/edge.test.ts does.
 */
function behaviours(template: Template): Mutation[] {
  const seen = [...distributionOf(template).CacheBehaviors.entries()].filter(
    ([, { PathPattern }]) => PathPattern !== `/${NATIVE_STAGE}`,
  );
  return seen.map(([index, { PathPattern }]) => ({
    kind: 'behaviour' as const,
    title: PathPattern,
    scenario: 'socketIo' as const,
    names: [`CloudFront behaviour ${PathPattern} and its function`],
    change: (mutated: Template) => void distributionOf(mutated).CacheBehaviors.splice(index, 1),
  }));
}

function edgeFunctions(template: Template): Mutation[] {
  const having = [...distributionOf(template).CacheBehaviors.entries()].filter(
    ([, behaviour]) => behaviour.FunctionAssociations !== undefined,
  );
  return having.map(([index, { PathPattern }]) => ({
    kind: 'edge function' as const,
    title: `of ${PathPattern}`,
    scenario: 'socketIo' as const,
    names: [`CloudFront behaviour ${PathPattern} and its function`],
    change: (mutated: Template) => delete distributionOf(mutated).CacheBehaviors[index]!.FunctionAssociations,
  }));
}

/** Without it the functions take the edge for whoever is behind it. Those of the native API ask for nobody's address. */
function edgeKeys(template: Template): Mutation[] {
  const having = [...distributionOf(template).Origins.entries()].filter(
    ([, origin]) => origin.OriginCustomHeaders !== undefined,
  );
  return having.map(([index, { Id }]) => ({
    kind: 'edge key' as const,
    title: `of origin ${Id}`,
    scenario: 'socketIo' as const,
    names: [`step "the address of a viewer, through origin ${Id}"`, 'was told 130.176.'],
    change: (mutated: Template) => delete distributionOf(mutated).Origins[index]!.OriginCustomHeaders,
  }));
}

/** Nothing else says that nobody takes what is put off. */
function eventSources(template: Template): Mutation[] {
  return ofType(template, 'AWS::Lambda::EventSourceMapping').map(([id]) => ({
    kind: 'event source' as const,
    title: id,
    scenario: 'dialects' as const,
    names: ['step "the end of typing, later"', 'nothing happened'],
    change: (mutated: Template) => removeResource(mutated, id),
  }));
}

function eventRules(template: Template): Mutation[] {
  return ofType(template, 'AWS::Events::Rule').map(([id]) => ({
    kind: 'event rule' as const,
    title: id,
    scenario: 'dialects' as const,
    names: ['step "a notification by EventBridge"', 'no frame matching notification.created'],
    change: (mutated: Template) => {
      for (const [other, permission] of ofType(mutated, 'AWS::Lambda::Permission'))
        if (JSON.stringify(permission.Properties['SourceArn']).includes(id)) removeResource(mutated, other);
      for (const [other, policy] of ofType(mutated, 'AWS::SQS::QueuePolicy'))
        if (JSON.stringify(policy).includes(id)) removeResource(mutated, other);
      removeResource(mutated, id);
    },
  }));
}

/** The last literal text of an expression: where two resources of one template differ. */
function tail(expression: unknown): string {
  const parts = (expression as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join']?.[1] ?? [];
  return parts.filter((part) => typeof part === 'string').at(-1) ?? JSON.stringify(expression);
}
