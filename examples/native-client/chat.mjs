// A chat in a terminal over Causeway's native protocol (PROTOCOL.md). Browsers and Node.js 22 have a WebSocket of their own;
// under Node.js 20 the package ws, which has the same interface, stands in for it.
//
//   node examples/native-client/chat.mjs http://localhost:3000 ws://localhost:3000/native alice@example.com wonderland
import { createInterface } from 'node:readline';

const [origin, native, email, password] = process.argv.slice(2);
if (!password) {
  console.error('usage: node chat.mjs <http origin> <native ws url> <email> <password>');
  process.exit(2);
}

const post = (path, body) =>
  fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

const login = await post('/auth/login', { email, password });
if (!login.ok) {
  console.error(`login failed: ${await login.text()}`);
  process.exit(1);
}
const { token } = await login.json();
const { rooms } = await (
  await fetch(`${origin}/chat/rooms`, { headers: { authorization: `Bearer ${token}` } })
).json();
const roomId = rooms[0]?.id;
if (!roomId) {
  console.error('you are in no room yet: POST /chat/rooms first');
  process.exit(1);
}

const WebSocketClass = globalThis.WebSocket ?? (await import('ws')).WebSocket;
const socket = new WebSocketClass(`${native}?token=${token}`);
const send = (frame) => socket.send(JSON.stringify(frame));
socket.onopen = () => {
  send({ action: 'join', roomId });
  send({ action: 'history', roomId, limit: 10 });
  // API Gateway closes a connection that was idle for ten minutes.
  setInterval(() => send({ action: 'ping' }), 5 * 60 * 1000);
  createInterface({ input: process.stdin })
    .on('line', (content) => content && send({ action: 'send', roomId, content }))
    .on('close', () => socket.close());
};
socket.onmessage = ({ data }) => show(JSON.parse(data));
socket.onclose = ({ code }) => {
  console.log(`closed (${code})`);
  process.exit(0);
};

function show(frame) {
  if (frame.event === 'message.created') line(frame.message);
  else if (frame.event === 'history') frame.messages.toReversed().forEach(line);
  else if (frame.event === 'typing.changed')
    console.log(`… ${frame.username} ${frame.isTyping ? 'is typing' : 'stopped typing'}`);
  else if (frame.event === 'error') console.error(`! ${frame.code}: ${frame.message}`);
}

function line(message) {
  console.log(`${message.createdAt.slice(11, 19)} ${message.sender.username}: ${message.content}`);
}
