/**
 * Tells crowds, and those who could not be told at once. AWS: dynamodb:GetItem, Query, UpdateItem, DeleteItem on the table;
 * execute-api:ManageConnections (POST, DELETE) on the connections of the native and the Socket.IO API; lambda:InvokeFunction
 * on itself, for each bag of a large mailing.
 */
import { randomUUID } from 'node:crypto';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createMailStore } from '../adapters/dynamodb/mail.ts';
import { createMemberStore } from '../adapters/dynamodb/members.ts';
import { createMessageStore } from '../adapters/dynamodb/messages.ts';
import { createNotificationStore } from '../adapters/dynamodb/notifications.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { createManagementClient } from '../adapters/gateway/client.ts';
import { createGateway } from '../adapters/gateway/management-api.ts';
import { createAsyncInvoke, createLambdaClient } from '../adapters/lambda/invoke-async.ts';
import { systemClock as clock } from '../adapters/system/clock.ts';
import { sleep } from '../adapters/system/sleep.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { nativeDialect } from '../wire/encode.ts';
import { encodeMailing } from '../wire/mailing.ts';
import { logLevel, nativeCallbackUrl, tableName } from './environment.ts';
import { serveMailing, type RunContext } from './fan-out/serve.ts';
import { composeAudience, composeSocketMail } from './socketio/compose-audience.ts';

const table = { tableName: tableName(), client: createDynamoClient(), now: () => clock.now() };
const log = createLogger({ level: logLevel(), fields: { function: 'fan-out' } });
const lambda = createLambdaClient();
const deps = {
  mail: createMailStore(table),
  messages: createMessageStore(table),
  notifications: createNotificationStore(table),
  members: createMemberStore(table),
  sessions: createSessionStore(table),
  gateway: createGateway({ clients: { native: createManagementClient(nativeCallbackUrl()) } }),
  socketMail: composeSocketMail(table, log),
  audience: composeAudience(table, log),
  dialects: { native: nativeDialect },
  name: () => randomUUID(),
  now: () => clock.now(),
  pause: sleep,
  log,
};

export function handler(event: unknown, context: RunContext & { readonly functionName: string }) {
  const invoke = createAsyncInvoke(lambda, context.functionName);
  return serveMailing({ ...deps, dispatch: (bag) => invoke(encodeMailing(bag)) }, event, context);
}
