import { io } from 'socket.io-client';

const socket = io(process.argv[2] ?? 'http://localhost:3000', { auth: { name: 'alice' } });
socket.io.on('open', () => {
  console.log(`connected via ${socket.io.engine.transport.name}`);
  socket.io.engine.on('upgrade', (transport) => console.log(`upgraded to ${transport.name}`));
});
socket.on('connect', () => console.log(`recovered: ${socket.recovered}`));
socket.emit('join', 'lobby', ({ members }) => console.log(`in the lobby: ${members}`));
socket.on('said', ({ name, text }) => console.log(`${name}: ${text}`));
