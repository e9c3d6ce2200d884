/** What the expressions of a template refer to: parameters, conditions, mappings and resources, each named and described on demand. */
import type { Resource } from '../types.ts';
import type { Template } from './cloud-assembly.ts';
import { evaluateCondition, NO_VALUE, resolveExpression, type Scope } from './intrinsics.ts';
import { type Identity, KNOWN_TYPES, type KnownType } from './known-types.ts';
import { generatedName } from './naming.ts';
import { parameterValue } from './parameters.ts';

export interface Place {
  readonly region: string;
  readonly accountId: string;
  readonly stackName: string;
}

export interface StackScope extends Scope {
  /** False when the condition of the resource is. */
  exists(logicalId: string): boolean;
  resource(logicalId: string): Resource;
}

export function createScope(template: Template, place: Place): StackScope {
  const { Parameters = {}, Conditions = {}, Mappings = {}, Resources } = template;
  const pseudo = pseudoParameters(place);
  const identities = new Map<string, KnownIdentity>();
  const scope: StackScope = {
    reference(name) {
      if (name.startsWith('AWS::')) return known(pseudo, name, 'pseudo parameter');
      if (Parameters[name] !== undefined) return parameterValue(name, Parameters[name]);
      const identity = identify(name);
      return (identity.type.ref ?? byName)(identity);
    },
    attribute: (logicalId, name) => attributeOf(identify(logicalId), name, Resources[logicalId]?.Type),
    condition: (name) => evaluateCondition(known(Conditions, name, 'condition'), scope),
    mapping(map, first, second) {
      const keys = known(Mappings, map, 'mapping');
      return known(known(keys, first, `key of ${map}`), second, `key of ${map}.${first}`);
    },
    exists: (logicalId) => {
      const condition = Resources[logicalId]?.Condition;
      return condition === undefined || scope.condition(condition);
    },
    resource: (logicalId) => describe(identify(logicalId), template, scope),
  };

  function identify(logicalId: string): KnownIdentity {
    let identity = identities.get(logicalId);
    if (identity !== undefined) return identity;
    if (!scope.exists(logicalId)) {
      throw new Error(
        `${logicalId} does not exist: its condition ${Resources[logicalId]?.Condition} is false`,
      );
    }
    identity = nameResource(logicalId, template, { place, scope });
    identities.set(logicalId, identity);
    return identity;
  }
  return scope;
}

type KnownIdentity = Identity & { readonly type: KnownType };

function nameResource(
  logicalId: string,
  template: Template,
  { place, scope }: { place: Place; scope: Scope },
): KnownIdentity {
  const { Type, Properties = {} } = template.Resources[logicalId] ?? { Type: 'nothing' };
  const type = KNOWN_TYPES[Type];
  if (type === undefined)
    throw new Error(
      `The emulator does not know the resource type ${Type} (${logicalId}); see emulator/assembly/known-types.ts`,
    );
  const property = (name: string): unknown => {
    const value = resolveExpression(Properties[name], scope);
    return value === NO_VALUE ? undefined : value;
  };
  const chosen = type.nameProperty === undefined ? undefined : property(type.nameProperty);
  const generate = type.generate ?? (() => generatedName(place.stackName, logicalId));
  const { region, accountId, stackName } = place;
  const name = typeof chosen === 'string' ? chosen : generate({ logicalId, stackName, region, accountId });
  return { logicalId, stackName, region, accountId, name, property, type };
}

function attributeOf(identity: KnownIdentity, name: string, type: string | undefined): string {
  const rule = name === 'Arn' ? identity.type.arn : identity.type.attributes?.[name];
  if (rule === undefined) {
    throw new Error(`The emulator does not know the attribute ${name} of ${identity.logicalId} (${type})`);
  }
  return rule(identity);
}

function describe(identity: KnownIdentity, template: Template, scope: Scope): Resource {
  const { logicalId, type } = identity;
  const { Type, Properties = {} } = template.Resources[logicalId] ?? { Type: 'nothing' };
  let properties: Record<string, unknown> | undefined;
  const resolveProperties = () =>
    (properties ??= resolveIn(`${logicalId} (${Type})`, Properties, scope) as Record<string, unknown>);
  if (type.ignorable !== true) resolveProperties();
  const arn = type.arn?.(identity);
  return {
    logicalId,
    type: Type,
    get properties() {
      return resolveProperties();
    },
    ref: (type.ref ?? byName)(identity),
    ...(arn === undefined ? {} : { arn }),
  };
}

/** Says where an error arose. */
export function resolveIn(where: string, value: unknown, scope: Scope): unknown {
  try {
    return resolveExpression(value, scope);
  } catch (error) {
    throw new Error(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function pseudoParameters({ region, accountId, stackName }: Place): Record<string, unknown> {
  return {
    'AWS::AccountId': accountId,
    'AWS::NoValue': NO_VALUE,
    'AWS::NotificationARNs': [],
    'AWS::Partition': 'aws',
    'AWS::Region': region,
    'AWS::StackId': `arn:aws:cloudformation:${region}:${accountId}:stack/${stackName}/00000000-0000-0000-0000-000000000000`,
    'AWS::StackName': stackName,
    'AWS::URLSuffix': 'amazonaws.com',
  };
}

function byName({ name }: Identity): string {
  return name;
}

function known<T>(values: Readonly<Record<string, T>>, name: string, what: string): T {
  if (!Object.hasOwn(values, name)) throw new Error(`Template error: there is no ${what} ${name}`);
  return values[name] as T;
}
