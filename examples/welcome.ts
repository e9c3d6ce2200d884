/**
 * What `npm start` shows once the emulator is ready: two people to play with, their tokens, and a client to paste.
 * Uses nothing but the public REST API, so it works against any deployment.
 */
const PEOPLE = [
  { username: 'alice', displayName: 'Alice', email: 'alice@example.com', password: 'wonderland' },
  { username: 'bob', displayName: 'Bob', email: 'bob@example.com', password: 'the-builder' },
] as const;

interface SignedIn {
  readonly token: string;
  readonly user: { readonly id: string };
}

/** `origin` is the http(s) URL of the REST API, `native` the ws(s) URL of the native WebSocket API. */
export async function welcome(urls: { origin: string; native: string }): Promise<string> {
  const [alice, bob] = (await Promise.all(PEOPLE.map((person) => signIn(urls.origin, person)))) as [
    SignedIn,
    SignedIn,
  ];
  const room = await sharedRoom(urls.origin, alice, bob);
  return [
    'Two people share a room:',
    ...PEOPLE.map(
      (person, index) =>
        `  ${person.email}  password ${person.password}\n    token ${[alice, bob][index]!.token}`,
    ),
    `  room  ${room}`,
    '',
    'Paste into a browser console (or a Node 22 prompt) to join it as Alice:',
    `  ws = new WebSocket('${urls.native}?token=${alice.token}')`,
    `  ws.onmessage = (frame) => console.log(JSON.parse(frame.data))`,
    `  ws.onopen = () => { ws.send('{"action":"join","roomId":"${room}"}'); ws.send('{"action":"send","roomId":"${room}","content":"hello"}') }`,
    '',
    `REST: ${urls.origin}/openapi.json   meter: ${urls.origin}/_emulator/meter`,
  ].join('\n');
}

/** Registers, or logs in when the person exists already (with `--data` people stay). */
async function signIn(origin: string, person: (typeof PEOPLE)[number]): Promise<SignedIn> {
  const registered = await call(origin, '/auth/register', { body: person });
  if (registered.ok) return (await registered.json()) as SignedIn;
  const { email, password } = person;
  const loggedIn = await call(origin, '/auth/login', { body: { email, password } });
  if (!loggedIn.ok) throw new Error(`cannot sign in ${email}: ${await loggedIn.text()}`);
  return (await loggedIn.json()) as SignedIn;
}

async function sharedRoom(origin: string, alice: SignedIn, bob: SignedIn): Promise<string> {
  const listed = await call(origin, '/chat/rooms', { token: alice.token });
  const { rooms } = (await listed.json()) as { rooms: { id: string }[] };
  if (rooms[0]) return rooms[0].id;
  const body = { name: 'Wonderland', participantIds: [bob.user.id] };
  const created = await call(origin, '/chat/rooms', { token: alice.token, body });
  return ((await created.json()) as { id: string }).id;
}

function call(origin: string, path: string, options: { token?: string; body?: unknown }): Promise<Response> {
  const headers: Record<string, string> = { 'content-type': 'application/json' };
  if (options.token !== undefined) headers['authorization'] = `Bearer ${options.token}`;
  return fetch(
    origin + path,
    options.body === undefined
      ? { headers }
      : { method: 'POST', headers, body: JSON.stringify(options.body) },
  );
}
