/** docs/contracts/rooms.md on stock socket.io. */
import { accountOf, admit, complain, isContent, type Oracle } from './backing.ts';

export const rooms: Oracle = (nsp, backing) => {
  admit(nsp, backing);
  nsp.on('connection', (socket) => {
    const account = accountOf(socket);
    const { id: _id, email, displayName } = account;

    socket.on('join_room', async (payload: { roomId?: unknown }) => {
      if (!backing.isIn(payload?.roomId, account)) return complain(socket, 'room');
      await socket.join(payload.roomId);
    });
    socket.on('send_message', (payload: { roomId?: unknown; content?: unknown }) => {
      if (!isContent(payload?.content)) return complain(socket, 'content');
      if (!backing.isIn(payload.roomId, account)) return complain(socket, 'room');
      const { roomId, content } = payload;
      const sender = { _id, email, displayName };
      nsp.to(roomId).emit('message', {
        id: backing.nextId(),
        roomId,
        sender,
        content,
        createdAt: new Date().toISOString(),
      });
    });
    socket.on('typing', (payload: { roomId?: unknown }) => {
      if (!backing.isIn(payload?.roomId, account)) return complain(socket, 'room');
      socket.to(payload.roomId).emit('user_typing', { userId: _id, roomId: payload.roomId });
    });
  });
};
