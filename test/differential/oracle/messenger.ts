/** docs/contracts/messenger.md on stock socket.io. A message that names no room is everybody's. */
import { accountOf, admit, complain, isContent, type Oracle } from './backing.ts';

const EVERYBODY = 'lobby';

export const messenger: Oracle = (nsp, backing) => {
  admit(nsp, backing);
  nsp.on('connection', async (socket) => {
    const account = accountOf(socket);
    const { id: userId, username } = account;
    const rooms = [EVERYBODY, ...backing.roomsOf(account)];
    let current = EVERYBODY;
    await socket.join(rooms);
    socket.to(rooms).emit('userStatus', { userId, username, isOnline: true });

    socket.on('message', (payload: { message?: unknown; context?: { roomId?: string } }) => {
      if (!isContent(payload?.message)) return complain(socket, 'message');
      const { message, context } = payload;
      const room = context?.roomId ?? EVERYBODY;
      if (room !== EVERYBODY && !backing.isIn(room, account)) return complain(socket, 'room');
      current = room;
      const timestamp = new Date().toISOString();
      nsp.to(room).emit('message', {
        id: backing.nextId(),
        message,
        timestamp,
        ...(context === undefined ? {} : { context }),
      });
    });
    socket.on('typing', (isTyping: unknown) => {
      if (typeof isTyping !== 'boolean') return complain(socket, 'typing');
      socket.to(current).emit('userTyping', { userId, username, isTyping });
    });
    socket.on('disconnect', () => {
      nsp
        .to(rooms)
        .emit('userStatus', { userId, username, isOnline: false, lastSeen: new Date().toISOString() });
    });
  });
};
