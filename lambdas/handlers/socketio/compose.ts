import { randomBytes } from 'node:crypto';
import {
  application,
  type Bridge,
  type BridgeDeps,
  createBridge,
  createRuntime,
  dismissExpired,
  dismissIdle,
  vocabulariesOf,
} from '../../../compat/index.ts';
import { createBucketStore } from '../../adapters/dynamodb/buckets.ts';
import { createDynamoClient } from '../../adapters/dynamodb/client.ts';
import { createSocketIoStores } from '../../adapters/dynamodb/socketio/create-socketio-stores.ts';
import { createManagementClient } from '../../adapters/gateway/client.ts';
import { createConnections } from '../../adapters/gateway/management-api.ts';
import { systemClock as clock } from '../../adapters/system/clock.ts';
import { createRateLimiter } from '../../app/rate-limit.ts';
import type { Postman } from '../../ports/mail.ts';
import type { Log } from '../../ports/runtime.ts';
import {
  chatSettings,
  clientLimits,
  socketIoCallbackUrl,
  socketIoOptions,
  tableName,
} from '../environment.ts';
import { composeChat } from './compose-chat.ts';

/** What a function has besides the others. The sweep tells whoever hears of an end by itself. */
type Own = Pick<BridgeDeps, 'sendOpen' | 'looked' | 'inTurn'> & { readonly postman?: Postman };

/** The bridge as every function of it has it; call it at module scope. `sendOpen` where `$connect` is served, `looked` and `inTurn` for the sweep. */
export function composeBridge(log: Log, { postman, ...own }: Own = {}): Bridge {
  const table = { tableName: tableName(), client: createDynamoClient(), now: () => clock.now() };
  const handing = postman === undefined ? {} : { postman };
  const stores = createSocketIoStores(table);
  const connections = createConnections(createManagementClient(socketIoCallbackUrl()));
  const settings = chatSettings();
  const options = socketIoOptions();
  const limits = clientLimits();
  const idleMs = limits.idleSeconds * 1000;
  const rates = createRateLimiter({ buckets: createBucketStore(table), limits, log });
  const vocabularies = vocabulariesOf(settings);
  const [isExpired, isIdle] = [dismissExpired(vocabularies), dismissIdle(vocabularies, idleMs)];
  return createBridge({
    stores,
    gateway: connections,
    clock,
    log,
    random: randomBytes,
    options,
    createRuntime: (deps) =>
      createRuntime({
        ...deps,
        ...handing,
        chat: composeChat(table, settings, {
          ...stores,
          connections,
          log,
          ...handing,
          limits: { rates, idleMs, connectionsPerUser: limits.connectionsPerUser },
          recovery: options.recovery !== undefined,
          deliver: (to, packets) => deps.sessions.deliver(to, packets),
        }),
      }),
    application,
    rates,
    dismiss: (session, at) => isExpired(session, at) ?? isIdle(session, at),
    ...own,
  });
}
