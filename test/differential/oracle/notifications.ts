/** docs/contracts/notifications.md on stock socket.io: its own listener, line by line. */
import type { Oracle } from './backing.ts';

export const notifications: Oracle = (nsp, backing) => {
  nsp.on('connection', async (socket) => {
    const token = socket.handshake.auth?.['token'] as string | undefined;
    if (!token) {
      socket.disconnect();
      return;
    }
    const user = backing.account(token);
    if (!user || !user.id) {
      socket.disconnect();
      return;
    }
    await socket.join(user.id);
  });
};
