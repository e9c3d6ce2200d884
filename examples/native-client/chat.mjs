// A chat in a terminal over Causeway's native protocol (PROTOCOL.md). Browsers and Node.js 22 have a WebSocket of their own;
// under Node.js 20 the package ws, which has the same interface, stands in for it. Whatever cuts the connection, nothing is missed.
//
//   node examples/native-client/chat.mjs http://localhost:3000 ws://localhost:3000/native alice@example.com wonderland
import { createInterface } from 'node:readline';

import { ResumingClient } from './resuming-client.mjs';

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
const client = new ResumingClient({
  url: () => `${native}?token=${token}`,
  rooms: [roomId],
  WebSocket: WebSocketClass,
});

client.onEvent = (event) => {
  if (event.event === 'message.created') line(event.message);
  else if (event.event === 'typing.changed')
    console.log('…', event.username, event.isTyping ? 'is typing' : 'stopped typing');
};
client.onState = (isConnected) => console.log(isConnected ? '(connected)' : '(connection lost, coming back)');
client.onGap = () => void recent();
await recent();

createInterface({ input: process.stdin })
  .on('line', (content) => {
    if (content)
      client.send(roomId, { content }).catch(({ code, message }) => console.error(`! ${code}: ${message}`));
  })
  .on('close', () => client.close());

async function recent() {
  const { messages } = await client.request({ action: 'history', roomId, limit: 10 });
  messages.toReversed().forEach(line);
}

function line(message) {
  console.log(`${message.createdAt.slice(11, 19)} ${message.sender.username}: ${message.content}`);
}
