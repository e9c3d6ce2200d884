import { CfnOutput, Fn, Stack } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';

import type { FunctionName } from '../lambdas/manifest/routes.ts';
import type { Config } from './config/schema.ts';
import { DataTable } from './constructs/data-table.ts';
import { Edge } from './constructs/edge.ts';
import { FailedEvents } from './constructs/failed-events.ts';
import { Functions } from './constructs/functions.ts';
import { GatewayLogRole } from './constructs/gateway-log-role.ts';
import { LaterQueue } from './constructs/later-queue.ts';
import { NativeApi } from './constructs/native-api.ts';
import { NotificationRule } from './constructs/notification-rule.ts';
import { RestApi } from './constructs/rest-api.ts';
import { SigningSecret } from './constructs/signing-secret.ts';
import { Site } from './constructs/site.ts';
import { SocketIoApi } from './constructs/socketio-api.ts';
import { SweepSchedule } from './constructs/sweep-schedule.ts';
import { LATER_SECONDS } from './function-access.ts';

export interface CausewayStackProps {
  readonly config: Config;
  /** Function name → directory with its bundle. */
  readonly bundles: Readonly<Record<FunctionName, string>>;
}

/** What people read in the console, by output. */
const OUTPUTS = {
  Origin: 'One origin for the page, REST and Socket.IO: io(Origin)',
  HttpUrl: 'REST and polling without CloudFront',
  NativeUrl: 'Native WebSocket protocol',
  SocketIoUrl: 'Socket.IO without CloudFront: transports websocket, path /socketio',
  TableName: 'The single table',
  FanOutFunction: 'Tells crowds; failed mailings can be sent to it again',
  NotifyFunction: 'For back ends: new Emitter({ functionName })',
};

/** All of Causeway's back end. Knows no account and no region, so it deploys wherever the credentials point. */
export class CausewayStack extends Stack {
  constructor(scope: Construct, id: string, { config, bundles }: CausewayStackProps) {
    super(scope, id, { description: 'Causeway: serverless chat over WebSockets' });
    const { name, stage: throttle } = config;
    const protect = config.profile === 'production';
    const logs = { retentionDays: config.logs.retentionDays, protect };

    const table = new DataTable(this, 'Data', { protect });
    const secret = config.auth.builtIn ? new SigningSecret(this, 'Signing', { protect }) : undefined;
    const native = new NativeApi(this, 'Native', { apiName: `${name}-native`, throttle, logs });
    const socketIo = new SocketIoApi(this, 'SocketIo', { apiName: `${name}-socketio`, throttle, logs });
    if (config.logs.accountRole) this.#logAccess([native, socketIo]);

    // Nobody outside the account knows the UUID at the end of a stack's ARN, and it is there without another resource.
    const edgeKey = Fn.select(2, Fn.split('/', this.stackId));
    const later = new LaterQueue(this, 'Later', { timeoutSeconds: LATER_SECONDS });
    const failed = new FailedEvents(this, 'FailedEvents');
    const shared = { config, bundles, table, secret, native, socketIo, later, failed, edgeKey, logs };
    const functions = new Functions(this, 'Functions', shared).byName;
    native.route({
      authorizer: functions['native-authorizer'],
      connect: functions['native-connect'],
      disconnect: functions['native-disconnect'],
      message: functions['native-message'],
    });
    socketIo.route(functions.socketio);
    const handlers = { handler: functions.rest, polling: functions.polling };
    const rest = new RestApi(this, 'Rest', { apiName: `${name}-http`, ...handlers, throttle, logs });
    new SweepSchedule(this, 'Sweep', { handler: functions.sweep });
    later.consumedBy(functions.later);
    new NotificationRule(this, 'Notifications', { handler: functions.notify });
    const page = config.page ? new Site(this, 'Page', { logs }).behaviour : undefined;
    const edge = new Edge(this, 'Edge', { name, apis: { http: rest, native, socketIo }, page, key: edgeKey });

    this.#outputs({
      Origin: edge.url,
      HttpUrl: rest.url,
      NativeUrl: native.url,
      SocketIoUrl: socketIo.url,
      TableName: table.tableName,
      NotifyFunction: functions.notify.functionName,
      FanOutFunction: functions['fan-out'].functionName,
    });
  }

  #logAccess(apis: readonly (NativeApi | SocketIoApi)[]): void {
    const { account } = new GatewayLogRole(this, 'GatewayLogs');
    for (const api of apis) api.stage.node.addDependency(account);
  }

  #outputs(values: Readonly<Record<keyof typeof OUTPUTS, string>>): void {
    for (const [id, value] of Object.entries(values) as [keyof typeof OUTPUTS, string][])
      new CfnOutput(this, id, { value, description: OUTPUTS[id] });
  }
}
