import { once } from 'node:events';

import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';

import { startCauseway, type Causeway } from '../support/causeway.ts';
import { rest, type Person } from '../support/rest-client.ts';

const CONTENT = 'meet me at the harbour at nine';
const PASSWORD = 'correct horse battery staple';
const NOTE = 'your parcel is with the neighbour';
/** A name as a client may choose it; it is logged. */
const FORGERY = '\u001b[2K\r\n{"level":"error","message":"forged"}\n';
const HEADER = 'a-cookie-nobody-may-see';

let causeway: Causeway;
let anna: Person;
let ben: Person;
let roomId: string;
/** What must not be found, by what it is. */
const secrets = new Map<string, string>();

beforeAll(async () => {
  causeway = await startCauseway({ configFile: 'test/fixtures/security/debug.config.ts' });
  [anna, ben] = await Promise.all([causeway.register('anna'), causeway.register('ben')]);
  roomId = await causeway.createRoom(anna, [ben]);
  for (const [name, { token }] of Object.entries({ anna, ben })) {
    secrets.set(`token of ${name}`, token);
    // The part that makes it valid, wherever the token was taken apart.
    secrets.set(`signature of ${name}`, token.split('.')[2]!);
  }
  secrets.set('password', PASSWORD).set('message', CONTENT).set('notification', NOTE).set('cookie', HEADER);
});
afterAll(() => causeway?.close());

/** Each API in each of its transports, with what succeeds and what fails, at the level `debug`. */
async function useEverything(): Promise<void> {
  await useRest();
  await useNative();
  await useSockets('websocket');
  await useSockets('polling');
  await causeway.advance(30 * 60_000);
  await causeway.quiet();
}

async function useRest(): Promise<void> {
  const { origin } = causeway.urls;
  const account = { email: 'secrets@example.com', password: PASSWORD, username: 'secrets' };
  await rest(origin, { path: '/auth/register', body: account });
  await rest(origin, { path: '/auth/login', body: account });
  await rest(origin, { path: '/auth/login', body: { ...account, password: `${PASSWORD}!` } });
  const path = `/chat/rooms/${roomId}/messages`;
  await rest(origin, { path, token: anna.token, body: { content: CONTENT } });
  await rest(origin, { path, token: `${anna.token}x`, body: { content: CONTENT } });
  await fetch(`${origin}/chat/rooms?token=${anna.token}`, { headers: { cookie: HEADER } });
}

async function useNative(): Promise<void> {
  const client = await causeway.connect(ben);
  await client.request({ action: 'join', roomId });
  await client.request({ action: 'send', roomId, content: CONTENT });
  await client.request({ action: 'send', roomId: 'elsewhere', content: CONTENT });
  await client.request({ action: FORGERY });
  await client.close();
}

async function useSockets(transport: 'websocket' | 'polling'): Promise<void> {
  const socket = io(causeway.urls.origin, {
    auth: { token: anna.token },
    transports: [transport],
    extraHeaders: { cookie: HEADER },
    forceNew: true,
  });
  await once(socket as never, 'connect');
  await socket.emitWithAck('chat:join', { chatId: roomId });
  await socket.emitWithAck('chat:message', { chatId: roomId, content: CONTENT });
  await socket.emitWithAck(FORGERY, { content: CONTENT });
  rememberIdsOf(socket);
  // Cut, so that it comes back with what it knows.
  socket.io.engine.close();
  await once(socket as never, 'connect');
  rememberIdsOf(socket);
  socket.disconnect();
  await refused(transport);
}

function rememberIdsOf(socket: Socket): void {
  const { _pid: recoveryId } = socket as unknown as { readonly _pid: string };
  expect(recoveryId).toEqual(expect.any(String));
  const sid = socket.io.engine.id;
  secrets.set(`sid ${sid}`, sid).set(`recovery id ${recoveryId}`, recoveryId);
}

async function refused(transport: 'websocket' | 'polling'): Promise<void> {
  const auth = { token: `${anna.token.slice(0, -4)}AAAA` };
  secrets.set(`forged token by ${transport}`, auth.token);
  const socket = io(causeway.urls.origin, {
    auth,
    transports: [transport],
    forceNew: true,
    reconnection: false,
  });
  await once(socket as never, 'connect_error');
  socket.disconnect();
}

test('no token, password, sid, recovery id, cookie or content is in any log line of any function or gateway', async () => {
  await useEverything();
  const lines = causeway.logs.map((entry) => JSON.stringify(entry));
  expect(lines.length).toBeGreaterThan(100);
  const found = [...secrets].filter(([, secret]) => lines.some((line) => line.includes(secret)));
  const shown = found.map(([what, secret]) => [
    what,
    lines.find((line) => line.includes(secret))?.slice(0, 400),
  ]);
  expect(shown).toEqual([]);
});

test('what a client chooses cannot pass for a log line of its own', async () => {
  const named = causeway.logs.filter((entry) => JSON.stringify(entry).includes('forged'));
  expect(named.length).toBeGreaterThan(0);
  // Each is inside a line that we wrote, with its control characters escaped.
  expect(named.filter(({ message }) => message.includes('forged'))).toEqual([]);
});

test('a cookie authorizes nothing, whatever the origin', async () => {
  const names = ['token', 'access_token', 'Authorization', 'io'];
  const cookie = names.map((name) => `${name}=${anna.token}`).join('; ');
  const headers = { cookie, origin: 'https://evil.example.com' };
  const { origin, native } = causeway.urls;
  expect((await rest(origin, { path: '/chat/rooms', headers })).status).toBe(401);
  const socket = new WebSocket(native, { headers });
  const [, response] = await once(socket, 'unexpected-response');
  expect(response.statusCode).toBe(401);
  for (const transports of [['websocket'], ['polling']]) {
    const client = io(origin, { transports, extraHeaders: headers, forceNew: true, reconnection: false });
    const [error] = (await once(client as never, 'connect_error')) as [Error];
    expect(error.message).toMatch(/Token missing$/);
    client.disconnect();
  }
});
