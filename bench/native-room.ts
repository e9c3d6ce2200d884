import { NativeClient } from '../test/support/native-client.ts';
import { createRoom, register, type Person } from '../test/support/rest-client.ts';
import type { Talker } from './room.ts';

/** `size` native clients in one room of a running deployment. */
export async function nativeRoom(urls: { origin: string; native: string }, size: number): Promise<Talker[]> {
  const [owner, ...others] = await Promise.all([
    register(urls.origin, 'bench'),
    ...Array.from({ length: size - 1 }, (_, n) => register(urls.origin, `bench${n}`)),
  ]);
  const roomId = await createRoom(urls.origin, owner, others);
  return Promise.all([owner, ...others].map((person) => nativeTalker(urls.native, person, roomId)));
}

async function nativeTalker(url: string, person: Person, roomId: string): Promise<Talker> {
  const client = await NativeClient.connect(`${url}?token=${person.token}`);
  await client.request({ action: 'join', roomId });
  return {
    send: async (content) => {
      const answer = await client.request({ action: 'send', roomId, content });
      if (answer.event === 'error') throw new Error(JSON.stringify(answer));
    },
    onMessage: (receive) => {
      client.socket.on('message', (data: Buffer) => {
        const frame = JSON.parse(data.toString()) as {
          event: string;
          id?: string;
          message: { content: string };
        };
        // A frame with an id is the sender's own answer.
        if (frame.event === 'message.created' && frame.id === undefined) receive(frame.message.content);
      });
    },
    close: () => client.close(),
  };
}
