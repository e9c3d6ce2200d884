import { WITHOUT_ACCOUNT, tokenOfNobody } from './foreign-tokens.ts';
import type { Causeway } from './causeway.ts';
import { NativeClient, UpgradeRefused, type Frame } from './native-client.ts';
import { rest, type Person, type RestAnswer } from './rest-client.ts';
import { failures, onRoute, stepsOf, type Step } from './scenario-step.ts';

/** Long enough for the token (an hour, in the tests' configuration) and the clock skew that is forgiven. */
const TOKEN_LIFE_MS = (3600 + 31) * 1000;

interface Cast {
  readonly causeway: Causeway;
  readonly step: Step;
  readonly alice: Person;
  readonly bob: Person;
  readonly carol: Person;
  readonly roomId: string;
}

/** Accounts, rooms and messages, by REST and by the native protocol. */
export async function useChat(causeway: Causeway): Promise<void> {
  const step = stepsOf(causeway, { settled: true });
  const cast = await accounts(causeway, step);
  await sockets(cast);
  await overRest(cast);
  await devices(cast);
  await strangers(cast);
  await goodbyes(cast);
}

async function accounts(causeway: Causeway, step: Step): Promise<Cast> {
  const { origin } = causeway.urls;
  const [alice, bob, carol] = (await step('register', () =>
    Promise.all(['alice', 'bob', 'carol'].map((name) => causeway.register(name))),
  )) as [Person, Person, Person];
  await step('login', async () => {
    const body = { email: alice.email, password: 'alice-password' };
    expectStatus(await rest(origin, { path: '/auth/login', body }), 200);
    expectStatus(await rest(origin, { path: '/users/me', token: alice.token }), 200);
  });
  const roomId = await step('create a room', () => causeway.createRoom(alice, [bob]));
  await step('add a participant', async () => {
    const path = `/chat/rooms/${roomId}/participants`;
    const body = { participantIds: [carol.id] };
    expectStatus(await rest(origin, { path, token: alice.token, body }), 200);
  });
  return { causeway, step, alice, bob, carol, roomId };
}

async function sockets({ causeway, step, alice, bob, carol, roomId }: Cast): Promise<void> {
  const [a, b, c] = (await step('$connect', () =>
    Promise.all([alice, bob, carol].map((person) => causeway.connect(person))),
  )) as [NativeClient, NativeClient, NativeClient];
  const ask = (client: NativeClient, frame: Record<string, unknown>) =>
    step(String(frame['action']), async () => expectEvent(await client.request({ roomId, ...frame })));

  for (const client of [a, b, c]) await ask(client, { action: 'join' });
  const sent = await ask(a, { action: 'send', content: 'first' });
  await step('the others get it', () => Promise.all([b.next('message.created'), c.next('message.created')]));
  await ask(a, { action: 'send', content: 'second' });
  await ask(a, { action: 'send', content: 'idempotent', clientMessageId: 'c1' });
  await ask(b, { action: 'typing', isTyping: true });
  await ask(b, { action: 'read', messageId: (sent['message'] as { id: string }).id });
  await ask(b, { action: 'history' });
  await ask(c, { action: 'resume', rooms: [roomId] });
  await ask(b, { action: 'ping' });
  await step('$default', async () =>
    expectError(await a.request({ action: 'no-such-action' }), 'unknown_action'),
  );
  await ask(b, { action: 'leave' });
  await step('$disconnect', () =>
    onRoute(causeway, 'causeway-everything-native $disconnect', async () => {
      await Promise.all([a.close(), b.close(), c.close()]);
      await causeway.quiet();
    }),
  );
}

async function overRest({ causeway, step, alice, carol, roomId }: Cast): Promise<void> {
  const room = `/chat/rooms/${roomId}`;
  const call = (options: Omit<Parameters<typeof rest>[1], 'token'>) =>
    rest(causeway.urls.origin, { ...options, token: alice.token });
  await step('REST rooms and messages', async () => {
    // Somebody is there to be told of what is sent by REST.
    const client = await causeway.connect(carol);
    expectEvent(await client.request({ action: 'join', roomId }));
    for (const path of ['/chat/rooms', room, `${room}/messages`]) expectStatus(await call({ path }), 200);
    expectStatus(await call({ path: `${room}/messages`, body: { content: 'by REST' } }), 201);
    await causeway.quiet();
    if (failures(causeway).length === 0) await client.next('message.created');
    await client.close();
  });
  await step('REST notifications', async () => {
    expectStatus(await call({ path: '/notifications' }), 200);
    const path = '/notifications/01HZY000000000000000000000/read';
    expectStatus(await call({ method: 'POST', path }), 404);
  });
  await step('remove a participant', async () => {
    const path = `${room}/participants/${carol.id}`;
    expectStatus(await call({ method: 'DELETE', path }), 204);
  });
}

/** Of a user who connects often the connections are counted. */
async function devices({ causeway, step }: Cast): Promise<void> {
  await step('many devices of one user', async () => {
    const dave = await causeway.register('dave');
    const open: NativeClient[] = [];
    for (let n = 0; n < 10; n++) open.push(await causeway.connect(dave));
    const eleventh = await causeway.connect(dave).catch((error: unknown) => error);
    if (!(eleventh instanceof UpgradeRefused) || eleventh.status !== 429)
      throw new Error('an eleventh connection was let in');
    await Promise.all(open.map((client) => client.close()));
  });
}

/** A token may be good and its user gone: the session is opened and taken back. */
async function strangers({ causeway, step }: Cast): Promise<void> {
  await step('a token of nobody', async () => {
    const token = await tokenOfNobody(causeway);
    const outcome = await NativeClient.connect(`${causeway.urls.native}?token=${token}`).catch(
      (error: unknown) => error,
    );
    if (!(outcome instanceof UpgradeRefused)) throw new Error(`${WITHOUT_ACCOUNT} was let in`);
    if (outcome.status !== 403) throw new Error(`answered ${outcome.status} instead of 403`);
  });
}

async function goodbyes({ causeway, step, alice }: Cast): Promise<void> {
  const client = await step('$connect again', () => causeway.connect(alice));
  await step('a token that expires while connected', async () => {
    causeway.clock.advance(TOKEN_LIFE_MS);
    expectError(await client.request({ action: 'ping' }), 'token_expired');
  });
  await step('the end of its connection', async () => {
    const { code } = await client.closed;
    if (code !== 1000) throw new Error(`closed with ${code} instead of 1000`);
  });
}

function expectStatus(answer: RestAnswer<unknown>, status: number): void {
  if (answer.status !== status)
    throw new Error(`answered ${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
}

/** API Gateway's own error frames have no `event`. */
function expectEvent(frame: Frame): Frame {
  if (frame.event === undefined || frame.event === 'error')
    throw new Error(`answered ${JSON.stringify(frame)}`);
  return frame;
}

function expectError(frame: Frame, code: string): void {
  if (frame['code'] !== code)
    throw new Error(`answered ${JSON.stringify(frame)} instead of the error ${code}`);
}
