import { createAudience } from '../../../compat/audience/index.ts';
import { type ChatDeps, createChat, vocabulariesOf } from '../../../compat/index.ts';
import { createAuthenticator } from '../../adapters/auth/authenticator.ts';
import { createSecretsManagerClient, createTokenSecret } from '../../adapters/auth/token-secret.ts';
import { createMemberStore } from '../../adapters/dynamodb/members.ts';
import { createMessageStore } from '../../adapters/dynamodb/messages.ts';
import { createNotificationStore } from '../../adapters/dynamodb/notifications.ts';
import { createRoomStore } from '../../adapters/dynamodb/rooms.ts';
import { createSessionStore } from '../../adapters/dynamodb/sessions.ts';
import type { Table } from '../../adapters/dynamodb/table.ts';
import { createUserStore } from '../../adapters/dynamodb/users.ts';
import { createManagementClient } from '../../adapters/gateway/client.ts';
import { createGateway } from '../../adapters/gateway/management-api.ts';
import { createLater, createQueueClient } from '../../adapters/sqs/later.ts';
import { systemClock as clock } from '../../adapters/system/clock.ts';
import { createMembershipMemo } from '../../app/membership-memo.ts';
import type { ChatSettings } from '../../manifest/dialects.ts';
import { nativeDialect } from '../../wire/encode.ts';
import { laterQueueUrl, nativeCallbackUrl, tokenSources } from '../environment.ts';

type Composed = Parameters<typeof createChat>;
/** What the bridge has made already. */
type Made = Pick<ChatDeps, 'log' | 'recovery'> &
  Pick<ChatDeps, 'postman'> &
  Pick<Parameters<typeof createAudience>[0], 'sockets' | 'sessions' | 'connections' | 'deliver'> & {
    readonly limits: Omit<NonNullable<ChatDeps['limits']>, 'connections'> & {
      readonly connectionsPerUser: number;
    };
  };

/** Chat as the functions with the Server have it. Nothing is fetched before the first client needs it. */
export function composeChat(table: Table, settings: ChatSettings, made: Made): ReturnType<typeof createChat> {
  const { secretArn, issuers } = tokenSources();
  const secret =
    secretArn === undefined
      ? undefined
      : createTokenSecret({ client: createSecretsManagerClient(), secretArn, clock });
  const vocabularies = vocabulariesOf(settings);
  const sessions = createSessionStore(table);
  const { connectionsPerUser, ...limits } = made.limits;
  const deps: Composed[0] = {
    users: createUserStore(table),
    rooms: createRoomStore(table),
    messages: createMessageStore(table),
    members: createMemberStore(table),
    sessions,
    notifications: createNotificationStore(table),
    gateway: createGateway({ clients: { native: createManagementClient(nativeCallbackUrl()) } }),
    dialects: { native: nativeDialect },
    audience: createAudience({ ...made, clock, settings, words: (nsp) => vocabularies.get(nsp) }),
    memo: createMembershipMemo(),
    log: made.log,
    ...(made.postman === undefined ? {} : { postman: made.postman }),
    authenticator: createAuthenticator({ secret, issuers, clock }),
    clock,
    vocabularies,
    recovery: made.recovery,
    later: createLater(createQueueClient(), laterQueueUrl()),
    limits: {
      ...limits,
      connections: {
        rates: limits.rates,
        sessions,
        sockets: made.sockets,
        namespaces: Object.keys(settings.namespaces),
        connectionsPerUser,
      },
    },
  };
  return createChat(deps, settings);
}
