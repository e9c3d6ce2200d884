import { LambdaClient } from '@aws-sdk/client-lambda';
import { Emitter } from 'causeway/emitter';

import { OPERATOR_CREDENTIALS } from '../../emulator/index.ts';
import type { Emulator } from '../../emulator/types.ts';
import type { Page } from './page.ts';

export interface Person {
  readonly id: string;
  readonly username: string;
  readonly displayName: string;
  readonly email: string;
  readonly token: string;
}

/** What a play needs of a deployment that runs on this machine. */
export interface World {
  readonly origin: string;
  /** A back end's way to push: `io.to(user.id).emit(…)`. */
  readonly io: Emitter;
  register(username: string): Promise<Person>;
  /** Calls the REST API, and throws when it refuses. */
  call<T>(person: Person, path: string, body: object): Promise<T>;
  /** Waits until everything these pages have sent has been done, and has been told to them. */
  settle(pages: readonly Page[]): Promise<void>;
  /** Moves time, and does what is due. */
  pass(ms: number): Promise<void>;
  /** Moves time past the life of every token, and does nothing that is due. */
  outliveTokens(): void;
  close(): void;
}

/** `tokenSeconds` as configured (auth.tokenTtlSeconds). */
export function createWorld(emulator: Emulator, tokenSeconds: number): World {
  const { origin } = emulator.urls;
  const client = new LambdaClient({
    endpoint: emulator.awsEndpoint,
    region: 'us-east-1',
    credentials: OPERATOR_CREDENTIALS,
  });
  const fences = (pages: readonly Page[]) => Promise.all(pages.map((page) => page.fence()));
  return {
    origin,
    io: new Emitter({ functionName: emulator.outputs['NotifyFunction'] ?? '', client }),
    async register(username) {
      const displayName = username.toUpperCase();
      const body = { username, displayName, email: `${username}@example.com`, password: 'correct horse' };
      const { token, user } = await post<{ token: string; user: { id: string } }>(`${origin}/auth/register`, {
        body,
      });
      return { id: user.id, username, displayName, email: body.email, token };
    },
    call: (person, path, body) => post(origin + path, { body, token: person.token }),
    async settle(pages) {
      await fences(pages);
      while (emulator.meter().pending > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      await fences(pages);
    },
    pass: (ms) => emulator.advance(ms),
    outliveTokens: () => emulator.clock.advance((tokenSeconds + CLOCK_SKEW_SECONDS) * 1000),
    close: () => client.destroy(),
  };
}

/** A token is taken a little longer than it says, for clocks that differ. */
const CLOCK_SKEW_SECONDS = 31;

async function post<T>(
  url: string,
  { body, token }: { readonly body: object; readonly token?: string },
): Promise<T> {
  const headers = {
    'content-type': 'application/json',
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`POST ${url} answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}
