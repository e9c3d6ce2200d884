export interface RestAnswer<T = Record<string, unknown>> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export interface Person {
  readonly token: string;
  readonly id: string;
  readonly username: string;
  readonly email: string;
}

/** Calls the REST API as curl would. */
export async function rest<T = any>(
  origin: string,
  call: { method?: string; path: string; token?: string; body?: unknown; headers?: Record<string, string> },
): Promise<RestAnswer<T>> {
  const headers: Record<string, string> = { ...call.headers };
  if (call.token !== undefined) headers['authorization'] = `Bearer ${call.token}`;
  if (call.body !== undefined) headers['content-type'] ??= 'application/json';
  const response = await fetch(origin + call.path, {
    method: call.method ?? (call.body === undefined ? 'GET' : 'POST'),
    headers,
    ...(call.body === undefined
      ? {}
      : { body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body) }),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: parse(text) as T };
}

/** Registers a user with an address derived from the name; the name must be unique per emulator. */
export async function register(origin: string, username: string): Promise<Person> {
  const email = `${username}@example.com`;
  const answer = await rest(origin, {
    path: '/auth/register',
    body: { email, password: `${username}-password`, username, displayName: username.toUpperCase() },
  });
  if (answer.status !== 201)
    throw new Error(`register answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return { token: answer.body.token, id: answer.body.user.id, username, email };
}

export async function createRoom(origin: string, owner: Person, others: readonly Person[]): Promise<string> {
  const answer = await rest(origin, {
    path: '/chat/rooms',
    token: owner.token,
    body: { name: 'a room', participantIds: others.map((person) => person.id) },
  });
  if (answer.status !== 201)
    throw new Error(`create room answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  return answer.body.id;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
