/**
 * The REST API behind the HTTP API. AWS: dynamodb:GetItem, BatchGetItem, PutItem, UpdateItem, DeleteItem, Query on the table;
 * execute-api:ManageConnections (POST, DELETE) on the connections of the native and the Socket.IO API; secretsmanager:GetSecretValue on the token secret;
 * lambda:InvokeFunction on `fan-out`.
 */
import { handle } from 'hono/aws-lambda';

import { asyncApiDocument } from '../../compat/dialects/index.ts';
import { createAuthenticator } from '../adapters/auth/authenticator.ts';
import { createTokenIssuer } from '../adapters/auth/hs256.ts';
import { createPasswordHasher } from '../adapters/auth/password.ts';
import { createSecretsManagerClient, createTokenSecret } from '../adapters/auth/token-secret.ts';
import { createBucketStore } from '../adapters/dynamodb/buckets.ts';
import { createDynamoClient } from '../adapters/dynamodb/client.ts';
import { createMemberStore } from '../adapters/dynamodb/members.ts';
import { createMessageStore } from '../adapters/dynamodb/messages.ts';
import { createNotificationStore } from '../adapters/dynamodb/notifications.ts';
import { createRoomStore } from '../adapters/dynamodb/rooms.ts';
import { createSessionStore } from '../adapters/dynamodb/sessions.ts';
import { createThrottleStore } from '../adapters/dynamodb/throttle.ts';
import { createUserStore } from '../adapters/dynamodb/users.ts';
import { createManagementClient } from '../adapters/gateway/client.ts';
import { createGateway } from '../adapters/gateway/management-api.ts';
import { systemClock as clock } from '../adapters/system/clock.ts';
import { randomIds } from '../adapters/system/ids.ts';
import { createLogger } from '../adapters/telemetry/logger.ts';
import { createMembershipMemo } from '../app/membership-memo.ts';
import { createRateLimiter } from '../app/rate-limit.ts';
import { createRestApp } from '../http/app.ts';
import { nativeDialect } from '../wire/encode.ts';
import * as environment from './environment.ts';
import { noTokenIssuer } from './no-token-issuer.ts';
import { composePostman } from './compose-postman.ts';
import { composeAudience } from './socketio/compose-audience.ts';

const { secretArn, issuers } = environment.tokenSources();
const secret =
  secretArn === undefined
    ? undefined
    : createTokenSecret({ client: createSecretsManagerClient(), secretArn, clock });
const ttlSeconds = environment.tokenTtlSeconds();

const table = { tableName: environment.tableName(), client: createDynamoClient(), now: () => clock.now() };
const log = createLogger({ level: environment.logLevel(), fields: { function: 'rest' } });

const app = createRestApp({
  users: createUserStore(table),
  rooms: createRoomStore(table),
  messages: createMessageStore(table),
  members: createMemberStore(table),
  sessions: createSessionStore(table),
  notifications: createNotificationStore(table),
  throttle: createThrottleStore(table),
  gateway: createGateway({ clients: { native: createManagementClient(environment.nativeCallbackUrl()) } }),
  audience: composeAudience(table, log),
  dialects: { native: nativeDialect },
  ids: randomIds,
  postman: composePostman(),
  log,
  hasher: createPasswordHasher({ logN: environment.scryptLogN() }),
  issuer: secret === undefined ? noTokenIssuer : createTokenIssuer({ secret, clock, ttlSeconds }),
  memo: createMembershipMemo(),
  rates: createRateLimiter({ buckets: createBucketStore(table), limits: environment.clientLimits(), log }),
  limits: environment.throttleLimits(),
  authenticator: createAuthenticator({ secret, issuers, clock }),
  clock,
  asyncApi: () => asyncApiDocument(environment.chatSettings()),
  corsOrigins: environment.corsOrigins(),
  edgeKey: environment.edgeKey(),
  accounts: secret !== undefined,
});

export const handler = handle(app);
