import { io, type Socket } from 'socket.io-client';
import type { Causeway } from './causeway.ts';
import { putEvents } from './put-events.ts';
import { rest } from './rest-client.ts';
import type { Step } from './scenario-step.ts';

/**
 * Whom API Gateway refuses to tell anything, while Lambda takes no mailing either, is cut: by whichever function told them. A native
 * client and a socket at each.
 */
export async function useUnreachable(causeway: Causeway, step: Step, namespace: string): Promise<void> {
  const bella = await causeway.register('bella-of-the-crowd');
  const roomId = await causeway.createRoom(bella, []);
  const open: { close(): unknown }[] = [];

  async function native() {
    const client = await causeway.connect(bella);
    open.push(client);
    await client.request({ action: 'join', roomId });
    return client;
  }
  async function socket(transport: 'websocket' | 'polling'): Promise<Socket> {
    const auth = { token: bella.token };
    const options = { forceNew: true, reconnection: false, auth, transports: [transport] };
    const client = io(causeway.urls.origin + namespace, options);
    open.push(client);
    await new Promise((resolve, reject) => {
      client.once('connect', () => resolve(undefined));
      client.once('connect_error', reject);
    });
    return client;
  }
  async function door(name: string, enter: () => Promise<() => unknown>): Promise<void> {
    const [connection, peer, speak] = await Promise.all([native(), socket('websocket'), enter()]);
    const disconnected = new Promise((resolve) => peer.once('disconnect', resolve));
    await step(`whom ${name} can’t tell is cut`, async () => {
      causeway.strike('throttle-post', 'throttle-invoke');
      try {
        await Promise.all([connection.closed, disconnected, speak()]);
      } finally {
        causeway.strike();
      }
    });
    for (const client of open.splice(0)) client.close();
    await step(`they are gone, ${name}`, () => causeway.quiet());
  }

  await door('the native protocol', async () => {
    const sender = await native();
    return () => sender.request({ action: 'send', roomId, content: 'native' });
  });
  await door('REST', async () => () => {
    const path = `/chat/rooms/${roomId}/messages`;
    return rest(causeway.urls.origin, { path, token: bella.token, body: { content: 'by REST' } });
  });
  for (const transport of ['websocket', 'polling'] as const)
    await door(transport, async () => {
      const sender = await socket(transport);
      return () => void sender.emit('message:send', { chatId: roomId, content: transport });
    });
  await door('a notification', async () => () => {
    const Detail = JSON.stringify({ userId: bella.id, payload: { title: 'To nobody' } });
    return putEvents(causeway, [{ Source: 'causeway', DetailType: 'notification.new', Detail }]);
  });
}
