// The peer every ratio is measured against: a stock `socket.io` server, one process, default options.
import { createServer } from 'node:http';
import { Server } from 'socket.io';
import roomApplication from './room-application.mjs';

const http = createServer();
const io = new Server(http);
roomApplication(io);
http.listen(0, '127.0.0.1', () => process.send?.({ port: http.address().port }));
process.on('SIGTERM', () => void io.close(() => process.exit(0)));
// The bench has died.
process.on('disconnect', () => process.exit(0));
