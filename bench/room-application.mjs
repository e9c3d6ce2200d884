// The application under measurement, the same file on the stock server and on the bridge.
export default function roomApplication(io) {
  io.on('connection', (socket) => {
    socket.on('join', async (roomId, ack) => {
      await socket.join(roomId);
      ack({ ok: true });
    });
    socket.on('send', (message, ack) => {
      socket.to(message.roomId).emit('message', message);
      ack(message);
    });
  });
}
