import { Construct } from 'constructs';

import { ENV, type EnvironmentKey } from '../../lambdas/manifest/environment.ts';
import { FUNCTIONS, type FunctionName } from '../../lambdas/manifest/routes.ts';
import type { Config } from '../config/schema.ts';
import { FUNCTION_ACCESS, type FunctionAccess } from '../function-access.ts';
import { BundledFunction } from './bundled-function.ts';
import type { DataTable } from './data-table.ts';
import type { NativeApi } from './native-api.ts';
import type { LogPolicy } from './retained-logs.ts';
import type { SigningSecret } from './signing-secret.ts';

export interface FunctionsProps {
  readonly config: Config;
  /** Function name → directory with its bundle. */
  readonly bundles: Readonly<Record<FunctionName, string>>;
  readonly table: DataTable;
  /** Absent when the built-in issuer is off. */
  readonly secret: SigningSecret | undefined;
  readonly native: NativeApi;
  readonly logs: LogPolicy;
}

/** Every function of the manifest, each with the environment and the permissions that function-access.ts lists for it. */
export class Functions extends Construct {
  readonly byName: Readonly<Record<FunctionName, BundledFunction>>;

  constructor(scope: Construct, id: string, props: FunctionsProps) {
    super(scope, id);
    const environment = settings(props);
    const make = (name: FunctionName): BundledFunction => {
      const access = FUNCTION_ACCESS[name];
      const fn = new BundledFunction(this, name, {
        description: access.description,
        bundle: props.bundles[name],
        memoryMb: props.config.lambda[access.memory],
        timeoutSeconds: access.timeoutSeconds,
        environment: Object.fromEntries(access.environment.map((key) => [key, environment[key]])),
        logs: props.logs,
      });
      grant(fn, access, props);
      return fn;
    };
    const names = Object.keys(FUNCTIONS) as FunctionName[];
    this.byName = Object.fromEntries(names.map((name) => [name, make(name)])) as Record<
      FunctionName,
      BundledFunction
    >;
  }
}

function grant(fn: BundledFunction, access: FunctionAccess, { table, secret, native }: FunctionsProps): void {
  table.grant(fn, access.table);
  if (access.secret) secret?.grantRead(fn);
  native.grantConnections(fn, access.connections);
}

function settings({
  config,
  table,
  secret,
  native,
}: FunctionsProps): Readonly<Record<EnvironmentKey, string>> {
  return {
    [ENV.table]: table.tableName,
    [ENV.nativeCallbackUrl]: native.callbackUrl,
    [ENV.jwtSecretArn]: secret?.arn ?? '',
    [ENV.issuers]: JSON.stringify(config.auth.issuers),
    [ENV.tokenTtlSeconds]: String(config.auth.tokenTtlSeconds),
    [ENV.scryptLogN]: String(config.auth.scryptLogN),
    [ENV.corsOrigins]: JSON.stringify(config.cors.origins),
    [ENV.throttle]: JSON.stringify(config.throttle),
    [ENV.logLevel]: config.logs.level,
  };
}
