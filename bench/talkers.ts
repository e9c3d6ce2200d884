import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { io } from 'socket.io-client';
import { NativeClient } from '../test/support/native-client.ts';
import { createRoom, register } from '../test/support/rest-client.ts';
import type { Talker } from './room.ts';

/** A stock socket.io server in its own process and `size` stock clients (websocket only) in one room. */
export async function stockRoom(size: number): Promise<{ talkers: Talker[]; close(): Promise<void> }> {
  const server = fork(fileURLToPath(new URL('stock-server.mjs', import.meta.url)));
  const [{ port }] = (await once(server, 'message')) as [{ port: number }];
  const talkers = await Promise.all(Array.from({ length: size }, () => stockTalker(port)));
  return {
    talkers,
    close: async () => {
      for (const talker of talkers) await talker.close();
      server.kill('SIGTERM');
      await once(server, 'exit');
    },
  };
}

async function stockTalker(port: number): Promise<Talker> {
  const socket = io(`http://127.0.0.1:${port}`, { transports: ['websocket'], forceNew: true });
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

/** `size` native clients in one room of a running deployment. */
export async function nativeRoom(urls: { origin: string; native: string }, size: number): Promise<Talker[]> {
  const people = await Promise.all(
    Array.from({ length: size }, (_, n) => register(urls.origin, `bench${n}`)),
  );
  const roomId = await createRoom(urls.origin, people[0]!, people.slice(1));
  return Promise.all(
    people.map(async (person) => {
      const client = await NativeClient.connect(`${urls.native}?token=${person.token}`);
      await client.request({ action: 'join', roomId });
      return {
        send: async (content: string) => {
          await client.request({ action: 'send', roomId, content });
        },
        onMessage: (receive: (content: string) => void) => {
          client.socket.on('message', (data: Buffer) => {
            const frame = JSON.parse(data.toString()) as {
              event: string;
              id?: string;
              message?: { content: string };
            };
            if (frame.event === 'message.created' && frame.id === undefined) receive(frame.message!.content);
          });
        },
        close: () => client.close(),
      };
    }),
  );
}
