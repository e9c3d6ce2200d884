import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Duration, Lazy } from 'aws-cdk-lib/core';
import { Construct } from 'constructs';

import type { ChatSettings } from '../../lambdas/manifest/dialects.ts';
import { ENV, type EnvironmentKey } from '../../lambdas/manifest/environment.ts';
import type { ClientLimits } from '../../lambdas/manifest/limits.ts';
import { FUNCTIONS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import type { Config } from '../config/schema.ts';
import { FUNCTION_ACCESS, type FunctionAccess } from '../function-access.ts';
import { BundledFunction } from './bundled-function.ts';
import type { DataTable } from './data-table.ts';
import type { FailedEvents } from './failed-events.ts';
import type { LaterQueue } from './later-queue.ts';
import type { NativeApi } from './native-api.ts';
import type { LogPolicy } from './retained-logs.ts';
import type { SigningSecret } from './signing-secret.ts';
import type { SocketIoApi } from './socketio-api.ts';

export interface FunctionsProps {
  readonly config: Config;
  /** Function name → directory with its bundle. */
  readonly bundles: Readonly<Record<FunctionName, string>>;
  readonly table: DataTable;
  /** Absent when the built-in issuer is off. */
  readonly secret: SigningSecret | undefined;
  readonly native: NativeApi;
  readonly socketIo: SocketIoApi;
  readonly later: LaterQueue;
  readonly failed: FailedEvents;
  /** What CloudFront sends to say that a request came through it. */
  readonly edgeKey: string;
  readonly logs: LogPolicy;
}

/** How late an asynchronous invocation still makes sense. */
const ASYNC_MAX_AGE = Duration.seconds(60);

/** Every function of the manifest, each with the environment and the permissions that function-access.ts lists for it. */
export class Functions extends Construct {
  readonly byName: Readonly<Record<FunctionName, BundledFunction>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const environment = {
      ...settings(props),
      // Not there yet while the environments are made.
      [ENV.openFunction]: Lazy.string({ produce: () => this.byName['socketio-open'].functionName }),
      [ENV.fanOutFunction]: Lazy.string({ produce: () => this.byName['fan-out'].functionName }),
    };
    const names = Object.keys(FUNCTIONS) as FunctionName[];
    const made = names.map((name) => [name, this.#make(name, props, environment)] as const);
    this.byName = Object.fromEntries(made) as Record<FunctionName, BundledFunction>;
    for (const name of names) this.#grantInvoke(name);
  }

  #make(name: FunctionName, props: FunctionsProps, environment: Environment): BundledFunction {
    const access = FUNCTION_ACCESS[name];
    const { timeoutSeconds } = access;
    const fn = new BundledFunction(this, name, {
      description: access.description,
      bundle: props.bundles[name],
      memoryMb: props.config.lambda[access.memory],
      timeoutSeconds: typeof timeoutSeconds === 'number' ? timeoutSeconds : timeoutSeconds(props.config),
      environment: Object.fromEntries(access.environment.map((key) => [key, environment[key]])),
      logs: props.logs,
    });
    if (access.retriedSeconds !== undefined) props.failed.of(fn, { maxAgeSeconds: access.retriedSeconds });
    if (access.once === true) fn.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: ASYNC_MAX_AGE });
    grant(fn, access, props);
    return fn;
  }

  #grantInvoke(name: FunctionName): void {
    const resources = (FUNCTION_ACCESS[name].invokes ?? []).map((other) => this.byName[other].functionArn);
    if (resources.length === 0) return;
    const fn = this.byName[name];
    // Not grantInvoke: it also allows every version and alias.
    const statement = new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources });
    if (FUNCTION_ACCESS[name].invokes?.includes(name) !== true) fn.addToRolePolicy(statement);
    // A function is made after its role's own policy, which therefore can't name the function.
    else if (fn.role !== undefined)
      new Policy(this, `${name}-invokes`, { statements: [statement], roles: [fn.role] });
  }
}

type Environment = Readonly<Record<EnvironmentKey, string>>;

function grant(fn: BundledFunction, access: FunctionAccess, props: FunctionsProps): void {
  props.table.grant(fn, access.table);
  if (access.later === true) props.later.grantSend(fn);
  if (access.secret === true) props.secret?.grantRead(fn);
  props.native.grantConnections(fn, access.connections?.native ?? []);
  props.socketIo.grantConnections(fn, access.connections?.socketIo ?? []);
}

function settings({
  config,
  table,
  secret,
  native,
  socketIo,
  later,
  edgeKey,
}: FunctionsProps): Omit<Environment, typeof ENV.openFunction | typeof ENV.fanOutFunction> {
  return {
    [ENV.table]: table.tableName,
    [ENV.nativeCallbackUrl]: native.callbackUrl,
    [ENV.jwtSecretArn]: secret?.arn ?? '',
    [ENV.issuers]: JSON.stringify(config.auth.issuers),
    [ENV.tokenTtlSeconds]: String(config.auth.tokenTtlSeconds),
    [ENV.scryptLogN]: String(config.auth.scryptLogN),
    [ENV.corsOrigins]: JSON.stringify(config.cors.origins),
    [ENV.throttle]: JSON.stringify(config.throttle),
    [ENV.limits]: JSON.stringify(clientLimits(config)),
    [ENV.logLevel]: config.logs.level,
    [ENV.socketIoCallbackUrl]: socketIo.callbackUrl,
    [ENV.edgeKey]: edgeKey,
    [ENV.socketIoOptions]: JSON.stringify(bridgeOptions(config)),
    [ENV.laterQueue]: later.url,
    [ENV.fanOutDirect]: String(config.fanOut.direct),
    [ENV.presence]: JSON.stringify(config.presence),
    [ENV.chat]: JSON.stringify(chatSettings(config)),
  };
}

function chatSettings({ namespaces, lobby }: Config): ChatSettings {
  return { namespaces, ...(lobby === false ? {} : { lobby }) };
}

/** The settings as compat/types.ts, BridgeOptions, spells them. */
function bridgeOptions({ heartbeat, limits, recovery, cors }: Config) {
  const { connectTimeoutMs, maxPayloadBytes } = limits;
  return {
    heartbeat,
    limits: { connectTimeoutMs, maxPayloadBytes },
    ...(recovery === false ? {} : { recovery }),
    cors,
  };
}

function clientLimits({ limits }: Config): ClientLimits {
  const { connectTimeoutMs: _timeout, maxPayloadBytes: _bytes, ...ours } = limits;
  return ours;
}
