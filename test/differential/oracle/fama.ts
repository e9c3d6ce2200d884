/** docs/contracts/fama.md on stock socket.io. */
import { accountOf, admit, type Oracle } from './backing.ts';

export const fama: Oracle = (nsp, backing) => {
  admit(nsp, backing);
  nsp.on('connection', async (socket) => {
    const { id, username } = accountOf(socket);
    await socket.join(`user_${id}`);
    socket.emit('connected', { message: 'Successfully connected', user: { user_id: id, username } });
  });
};
