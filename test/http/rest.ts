import type { InMemory } from '../support/in-memory.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line no-explicit-any -- JSON of any shape; assertions say which
  readonly body: any;
}

export interface Call {
  readonly method?: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** The caller's address as the HTTP API event has it. */
  readonly sourceIp?: string;
}

/** Calls the app as the Lambda adapter does: strings go as they are, anything else as JSON. */
export async function call(
  { rest }: Pick<InMemory, 'rest'>,
  path: string,
  options: Call = {},
): Promise<Answer> {
  const { body, token, sourceIp } = options;
  const init = {
    method: options.method ?? (body === undefined ? 'GET' : 'POST'),
    headers: {
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  };
  const env = sourceIp === undefined ? {} : { event: { requestContext: { http: { sourceIp } } } };
  const response = await rest.request(path, init, env);
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    body: text === '' ? undefined : JSON.parse(text),
  };
}

export interface Person {
  readonly id: string;
  readonly token: string;
  readonly email: string;
}

export async function register(world: Pick<InMemory, 'rest'>, username: string): Promise<Person> {
  const email = `${username}@example.com`;
  const body = { email, password: `${username}-password`, username, displayName: username.toUpperCase() };
  const answer = await call(world, '/auth/register', { body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return { id: answer.body.user.id, token: answer.body.token, email };
}

export async function createRoom(
  world: Pick<InMemory, 'rest'>,
  owner: Person,
  others: readonly Person[] = [],
): Promise<string> {
  const body = { participantIds: others.map(({ id }) => id) };
  const answer = await call(world, '/chat/rooms', { token: owner.token, body });
  if (answer.status !== 201) throw new Error(JSON.stringify(answer.body));
  return answer.body.id;
}
