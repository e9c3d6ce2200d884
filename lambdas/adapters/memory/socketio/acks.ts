import type { Millis } from '../../../domain/entities.ts';
import type { AckStore } from '../../../ports/socketio.ts';
import { isLive, partition } from '../state.ts';
import type { SocketIoState } from './state.ts';

export function createAckStore({ acks }: SocketIoState, now: () => Millis): AckStore {
  return {
    async answer({ nsp, id }, { socketId, args }, expiresAt) {
      const answers = partition(acks, JSON.stringify([nsp, id]));
      if (!isLive(answers.get(socketId), now())) answers.set(socketId, { value: args, expiresAt });
    },
    async answers({ nsp, id }) {
      const answers = [...(acks.get(JSON.stringify([nsp, id])) ?? [])];
      return answers
        .filter(([, row]) => isLive(row, now()))
        .map(([socketId, row]) => ({ socketId, args: row.value }));
    },
  };
}
