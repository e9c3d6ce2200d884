import type { Server } from 'socket.io';

/**
 * Ordinary Socket.IO code: it runs on any `socket.io` server, and here on Lambda. What must last longer than one event is
 * in `socket.data` and in rooms, not in variables.
 */
export default function server(io: Server): void {
  io.use((socket, next) => {
    const name: unknown = socket.handshake.auth['name'];
    if (typeof name === 'string' && name !== '') {
      socket.data.name = name;
      next();
    } else {
      next(Object.assign(new Error('Who are you?'), { data: { field: 'name' } }));
    }
  });

  io.on('connection', (socket) => {
    const name = () => String(socket.data.name);

    socket.on('join', async (room: string, ack: (answer: { members: string[] }) => void) => {
      await socket.join(room);
      socket.to(room).emit('joined', { room, name: name() });
      const members = await io.in(room).fetchSockets();
      ack({
        members: members.map((member) => String(member.data.name)).toSorted((a, b) => a.localeCompare(b)),
      });
    });

    socket.on('say', (room: string, text: string, ack: (answer: { ok: boolean }) => void) => {
      const ok = socket.rooms.has(room);
      if (ok) io.to(room).emit('said', { room, name: name(), text });
      ack({ ok });
    });

    socket.on('disconnecting', () => {
      for (const room of socket.rooms) socket.to(room).emit('left', { room, name: name() });
    });
  });
}
