import type { Causeway } from './causeway.ts';
import type { Frame } from './native-client.ts';
import { rest, type Person } from './rest-client.ts';

/** The scenario lets a token expire, which must not be the end of its connection for another reason. */
export const LONG_LIVED = { idleSeconds: 24 * 60 * 60, lifetimeSeconds: 24 * 60 * 60 } as const;

/** Uses everything the template declares, once. Throws an error that says which step failed and what the emulator saw. */
export async function useEverything(causeway: Causeway): Promise<void> {
  let step = 'start';
  const at = (name: string) => {
    step = name;
  };
  try {
    await chat(causeway, at);
  } catch (error) {
    throw new Error(`step "${step}" failed: ${(error as Error).message}\n${evidence(causeway)}`, {
      cause: error,
    });
  }
}

async function chat(causeway: Causeway, at: (step: string) => void): Promise<void> {
  const origin = causeway.urls.origin;
  at('register');
  const [alice, bob, carol] = (await Promise.all(
    ['alice', 'bob', 'carol'].map((name) => causeway.register(name)),
  )) as [Person, Person, Person];
  at('login');
  expectStatus(
    await rest(origin, { path: '/auth/login', body: { email: alice.email, password: 'alice-password' } }),
    200,
  );
  expectStatus(await rest(origin, { path: '/users/me', token: alice.token }), 200);
  at('create a room');
  const roomId = await causeway.createRoom(alice, [bob]);
  expectStatus(
    await rest(origin, {
      path: `/chat/rooms/${roomId}/participants`,
      token: alice.token,
      body: { participantIds: [carol.id] },
    }),
    200,
  );
  at('$connect');
  const [a, b, c] = await Promise.all([alice, bob, carol].map((person) => causeway.connect(person)));
  const ask = async (client: typeof a, frame: Record<string, unknown>) => {
    at(String(frame['action']));
    return expectNoError(await client!.request({ roomId, ...frame }));
  };
  for (const client of [a, b, c]) await ask(client, { action: 'join' });
  const sent = await ask(a, { action: 'send', content: 'first' });
  await b!.next('message.created');
  await ask(a, { action: 'send', content: 'second' });
  await ask(a, { action: 'send', content: 'idempotent', clientMessageId: 'c1' });
  await ask(b, { action: 'typing', isTyping: true });
  await ask(b, { action: 'read', messageId: (sent['message'] as { id: string }).id });
  await ask(b, { action: 'history' });
  await ask(b, { action: 'ping' });
  at('$default');
  const unknown = await a!.request({ action: 'no-such-action' });
  if (unknown['code'] !== 'unknown_action') throw new Error(`answered ${JSON.stringify(unknown)}`);
  await overRest(causeway, { alice, bob, carol, roomId }, at);
  await ask(b, { action: 'leave' });
  at('notify');
  at('$disconnect');
  await Promise.all([b!.close(), c!.close()]);
  await causeway.quiet();
  at('a token that expires while connected');
  causeway.clock.advance((3600 + 31) * 1000);
  const expired = await a!.request({ action: 'ping' });
  if (expired['code'] !== 'token_expired') throw new Error(`answered ${JSON.stringify(expired)}`);
  const end = await Promise.race([a!.closed, a!.request({ action: 'ping' })]);
  if (!('code' in end) || end['code'] !== 1000) throw new Error(`not closed: ${JSON.stringify(end)}`);
}

async function overRest(
  causeway: Causeway,
  names: { alice: Person; bob: Person; carol: Person; roomId: string },
  at: (step: string) => void,
): Promise<void> {
  const { alice, carol, roomId } = names;
  const origin = causeway.urls.origin;
  at('REST rooms and messages');
  expectStatus(await rest(origin, { path: '/chat/rooms', token: alice.token }), 200);
  expectStatus(await rest(origin, { path: `/chat/rooms/${roomId}`, token: alice.token }), 200);
  expectStatus(await rest(origin, { path: `/chat/rooms/${roomId}/messages`, token: alice.token }), 200);
  expectStatus(
    await rest(origin, {
      path: `/chat/rooms/${roomId}/messages`,
      token: alice.token,
      body: { content: 'by REST' },
    }),
    201,
  );
  at('REST notifications');
  expectStatus(await rest(origin, { path: '/notifications', token: alice.token }), 200);
  expectStatus(
    await rest(origin, {
      method: 'POST',
      path: '/notifications/01HZY000000000000000000000/read',
      token: alice.token,
    }),
    404,
  );
  at('remove a participant');
  const removal = await rest(origin, {
    method: 'DELETE',
    path: `/chat/rooms/${roomId}/participants/${carol.id}`,
    token: alice.token,
  });
  if (removal.status >= 300) throw new Error(`answered ${removal.status}: ${JSON.stringify(removal.body)}`);
}

function expectStatus(answer: { status: number; body: unknown }, status: number): void {
  if (answer.status !== status)
    throw new Error(`answered ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
}

function expectNoError(frame: Frame): Frame {
  if (frame.event === 'error' || frame['message'] === 'Forbidden')
    throw new Error(`answered ${JSON.stringify(frame)}`);
  return frame;
}

/** What the emulator noticed: refused calls, errors in logs. This is where a missing permission, route or variable is named. */
export function evidence(causeway: Causeway): string {
  const denied = causeway
    .permissions()
    .denied.map((entry) => `denied: ${entry.functionName} ${entry.action} on ${entry.resource}`);
  const logged = causeway.logs
    .filter((entry) => entry.level === 'error' || entry.level === 'warn')
    .map((entry) => `${entry.source}: ${entry.message} ${JSON.stringify(entry.fields ?? {})}`);
  return [...new Set([...denied, ...logged])].join('\n');
}
