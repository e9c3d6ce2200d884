/** docs/contracts/chats.md on stock socket.io. */
import { accountOf, admit, complain, isContent, type Oracle } from './backing.ts';

interface Payload {
  readonly chatId?: unknown;
  readonly content?: unknown;
  readonly messageType?: string;
  readonly messageId?: string;
}

export const chats: Oracle = (nsp, backing) => {
  admit(nsp, backing);
  nsp.on('connection', async (socket) => {
    const account = accountOf(socket);
    const { id, username, displayName, email } = account;
    const rooms = [...backing.roomsOf(account)];
    /** Handles an event about a chat that the user takes part in; any other is an error. */
    const on = (event: string, handle: (chatId: string, payload: Payload) => unknown) =>
      socket.on(event, (payload: Payload) =>
        backing.isIn(payload?.chatId, account) ? handle(payload.chatId, payload) : complain(socket, 'chatId'),
      );
    await socket.join(rooms);
    // socket.io takes no room for every room.
    if (rooms.length > 0) socket.to(rooms).emit('user:status', { userId: id, status: 'online' });

    on('chat:join', async (chatId) => {
      await socket.join(chatId);
      socket.emit('chat:joined', { chatId });
    });
    on('chat:leave', async (chatId) => {
      await socket.leave(chatId);
      socket.emit('chat:left', { chatId });
    });
    on('message:send', (chatId, { content, messageType = 'text' }) => {
      if (!isContent(content)) return complain(socket, 'content');
      nsp.to(chatId).emit('message:new', {
        id: backing.nextId(),
        chat_id: chatId,
        sender_id: id,
        content,
        message_type: messageType,
        created_at: new Date().toISOString(),
        sender: { id, username, displayName, email },
      });
    });
    on('message:read', (chatId, { messageId }) =>
      nsp.to(chatId).emit('message:read', { messageId, chatId, userId: id }),
    );
    on('typing:start', (chatId) => socket.to(chatId).emit('typing:start', { chatId, userId: id, username }));
    on('typing:stop', (chatId) => socket.to(chatId).emit('typing:stop', { chatId, userId: id }));
    socket.on('disconnect', () => {
      if (rooms.length > 0) nsp.to(rooms).emit('user:status', { userId: id, status: 'offline' });
    });
  });
};
