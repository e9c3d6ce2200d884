import type { RoomId } from '../../lambdas/domain/ids.ts';
import type { ChatSettings } from '../../lambdas/manifest/dialects.ts';
import type { Namespace } from '../../lambdas/ports/socketio.ts';
import type { Chat } from '../server/world.ts';
import { admission } from './admit.ts';
import { arrival } from './arrive.ts';
import type { ChatDeps, Host } from './deps.ts';
import { nameUsers } from './private-rooms.ts';
import { createReturns, recallOf } from './recall.ts';

/** The documented vocabularies as an application of the Server, on the use cases that REST and the native API have. */
export function createChat(deps: ChatDeps, settings: ChatSettings): Chat {
  const hosts = new Map(hostsOf(deps, settings).map((host) => [host.nsp, host]));
  const returns = createReturns();
  return {
    attach(io) {
      for (const host of hosts.values()) {
        const nsp = io.of(host.nsp);
        nameUsers(nsp);
        nsp.use(admission(host));
        nsp.on('connection', arrival(host, returns));
      }
    },
    recall(nsp: Namespace) {
      const host = hosts.get(nsp);
      return host === undefined ? undefined : recallOf(host, returns);
    },
  };
}

function hostsOf(deps: ChatDeps, { namespaces, lobby }: ChatSettings): readonly Host[] {
  return Object.entries(namespaces).flatMap(([nsp, dialects]) => {
    const vocabulary = deps.vocabularies.get(nsp);
    if (vocabulary === undefined) return [];
    return [{ deps, nsp, dialects, vocabulary, lobby: lobby as RoomId | undefined }];
  });
}
