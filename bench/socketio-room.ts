import { io } from 'socket.io-client';
import type { Talker } from './room.ts';

/** `size` stock clients, websocket only, in one room of a stock server or of the bridge. */
export function socketIoRoom(origin: string, size: number): Promise<Talker[]> {
  return Promise.all(Array.from({ length: size }, () => socketIoTalker(origin)));
}

async function socketIoTalker(origin: string): Promise<Talker> {
  const socket = io(origin, { transports: ['websocket'], forceNew: true });
  await socket.emitWithAck('join', 'room');
  return {
    send: async (content) => {
      await socket.emitWithAck('send', { roomId: 'room', content });
    },
    onMessage: (receive) => {
      socket.on('message', (message: { content: string }) => receive(message.content));
    },
    close: () => {
      socket.disconnect();
    },
  };
}
