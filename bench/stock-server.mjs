// The peer every ratio is measured against: a stock `socket.io` server, one process, default options, rooms and acks.
import { createServer } from 'node:http';
import { Server } from 'socket.io';

const http = createServer();
const io = new Server(http);
io.on('connection', (socket) => {
  socket.on('join', (roomId, ack) => {
    void socket.join(roomId);
    ack({ ok: true });
  });
  socket.on('send', (message, ack) => {
    socket.to(message.roomId).emit('message', message);
    ack(message);
  });
});
http.listen(0, '127.0.0.1', () => process.send?.({ port: http.address().port }));
process.on('SIGTERM', () => void io.close(() => process.exit(0)));
