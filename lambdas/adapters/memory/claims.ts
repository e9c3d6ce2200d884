import { EXPIRY } from '../../manifest/limits.ts';
import type { ClaimKey, MessageStore } from '../../ports/stores.ts';
import { isLive, type State } from './state.ts';

export function claimsOf({ claims }: State): Pick<MessageStore, 'claim' | 'claimed' | 'told'> {
  return {
    async claim(wanted) {
      const { messageId, at } = wanted;
      const first = claims.get(nameOf(wanted));
      if (first !== undefined && isLive(first, at)) return first.value;
      const value = { messageId, at };
      claims.set(nameOf(wanted), { value, expiresAt: at + EXPIRY.clientMessageIdSeconds * 1000 });
      return value;
    },
    async claimed(key, at) {
      const found = claims.get(nameOf(key));
      return found !== undefined && isLive(found, at) ? found.value : undefined;
    },
    async told(key) {
      const found = claims.get(nameOf(key));
      if (found !== undefined) claims.set(nameOf(key), { ...found, value: { ...found.value, told: true } });
    },
  };
}

function nameOf({ roomId, userId, clientMessageId }: ClaimKey): string {
  return `${roomId}#${userId}#${clientMessageId}`;
}
