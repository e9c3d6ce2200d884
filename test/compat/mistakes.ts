/**
 * The twenty mistakes that whoever puts Socket.IO on invocations makes first, and the tests that would catch each. Kept as
 * data so that a test which is renamed or removed is missed (mistakes.test.ts).
 */
export interface Mistake {
  readonly number: number;
  /** One sentence. */
  readonly mistake: string;
  readonly caughtBy: readonly Catcher[];
}

export interface Catcher {
  /** From the root of the repository. */
  readonly file: string;
  /** The test's title as the file spells it, placeholders included. */
  readonly title: string;
}

const ENGINE = 'test/compat/engine';
const SERVER = 'test/compat/server';
const CONFORMANCE = 'test/conformance';

function test(file: string, ...titles: readonly string[]): readonly Catcher[] {
  return titles.map((title) => ({ file, title }));
}

export const MISTAKES: readonly Mistake[] = [
  {
    number: 1,
    mistake: 'An event is handed to a socket whose CONNECT has not been replayed to its end.',
    caughtBy: [
      ...test(
        `${SERVER}/rehydration.test.ts`,
        'attaches handlers that are registered after an await before the event comes',
      ),
      ...test(
        `${SERVER}/basics.test.ts`,
        'gets an ack from a handler of another invocation than the one that connected it',
      ),
    ],
  },
  {
    number: 2,
    mistake: 'A recovery id that a client made up brings back somebody else’s socket.',
    caughtBy: [
      ...test(`${SERVER}/rehydration.test.ts`, 'cannot be done by a client that makes up a recovery id'),
      ...test(`${SERVER}/parts.test.ts`, 'is given back only to who knows the secret of the run'),
      ...test(`${SERVER}/recovery.test.ts`, 'with %s gives a new socket'),
      ...test('test/e2e/socketio-hostile.test.ts', 'another one’s ids in auth recover nothing'),
    ],
  },
  {
    number: 3,
    mistake: 'A WebSocket client is sent the close packet and expected to go.',
    caughtBy: [
      ...test(
        `${ENGINE}/stock-habits.test.ts`,
        'a WebSocket client is never sent a close packet: its connection is closed (%s)',
      ),
      ...test(
        `${CONFORMANCE}/clients/clients.ts`,
        'it comes back by itself when the server closed the connection',
      ),
    ],
  },
  {
    number: 4,
    mistake: 'Traffic is taken for a sign of life, and a busy client gets no ping.',
    caughtBy: [
      ...test(`${ENGINE}/stock-habits.test.ts`, 'by the minute', 'and faster'),
      ...test(`${ENGINE}/heartbeat.test.ts`, 'everybody is pinged once an interval, whenever they came'),
      ...test(`${CONFORMANCE}/clients/clients.ts`, 'it stays connected over several heartbeats'),
    ],
  },
  {
    number: 5,
    mistake: 'A probe hears anything but its answer, or the GET that waits is never released.',
    caughtBy: [
      ...test(
        `${ENGINE}/connecting.test.ts`,
        'a poll is released, packets go over polling until 5 and over the connection from then on',
      ),
      ...test(
        `${CONFORMANCE}/engine/upgrade.ts`,
        'a GET that waits when the probe comes is released with a noop',
        'until the upgrade packet comes, packets go to the poll',
      ),
      ...test(
        `${ENGINE}/stock-clients.test.ts`,
        'connects by polling, upgrades, and gets an ack, by default',
      ),
    ],
  },
  {
    number: 6,
    mistake:
      'Attachments as text are sent, and binary frames not taken, without a word to those whose client differs.',
    caughtBy: [
      ...test(
        `${CONFORMANCE}/engine/websocket.ts`,
        'a binary frame',
        'base64 text from a client that did not announce it',
      ),
      ...test(`${CONFORMANCE}/clients/clients.ts`, 'binary with forceBase64', 'binary as it comes'),
      ...test(`${CONFORMANCE}/compatibility.test.ts`, 'every deviation the suites know is shown to users'),
    ],
  },
  {
    number: 7,
    mistake: 'A header and its attachments meet in no invocation, or in the wrong order.',
    caughtBy: [
      ...test(
        `${ENGINE}/chaos.test.ts`,
        'header and attachments may come in any order, each in an invocation of its own',
        'a message is completed by exactly one of many invocations',
      ),
      ...test(
        `${ENGINE}/attachments.test.ts`,
        'headers and attachments in their own order make the same messages, however they are mixed',
      ),
    ],
  },
  {
    number: 8,
    mistake: 'Ack ids begin anew in every instance, or are too large for clients that count in 32 bits.',
    caughtBy: test(
      `${SERVER}/acks.test.ts`,
      'has an id that no other question of the deployment has',
      'has an id that clients can count with: below 2^31',
    ),
  },
  {
    number: 9,
    mistake: 'Recovery is on and events carry no offset, so clients return whatever their last argument was.',
    caughtBy: test(
      `${SERVER}/recovery.test.ts`,
      'gives every client a secret that names its session, and every durable event an offset',
      'with %s gives a new socket',
    ),
  },
  {
    number: 10,
    mistake:
      'Offsets are appended to what is not kept: volatile events, questions, anything while recovery is off.',
    caughtBy: test(
      `${SERVER}/recovery.test.ts`,
      'gives every client a secret that names its session, and every durable event an offset',
      'a question to a client carries no offset: its listener gets what was asked, and the ack',
      'off leaves no offset, no secret and no log',
    ),
  },
  {
    number: 11,
    mistake: 'What is put away after an invocation disconnects, or goes on joining.',
    caughtBy: test(
      `${SERVER}/rehydration.test.ts`,
      'no disconnect listener has run, and late calls of handlers do nothing',
      'nothing is left of it, however often it is repeated',
    ),
  },
  {
    number: 12,
    mistake: 'Asynchronous handlers are not awaited, or their errors reach clients word by word.',
    caughtBy: test(
      `${SERVER}/awaiting.test.ts`,
      'waits for promises of listeners however they were registered',
      'waits for the connection listener and for namespace middlewares',
      'tells the caller of %s of an internal error, by event and by ack, and nobody else',
    ),
  },
  {
    number: 13,
    mistake: 'A handler that throws takes the process with it, or API Gateway answers in its stead.',
    caughtBy: [
      ...test(
        `${SERVER}/awaiting.test.ts`,
        'tells the caller of %s of an internal error, by event and by ack, and nobody else',
      ),
      ...test('test/handlers/socketio.test.ts', 'never fail'),
      ...test(
        'test/e2e/socketio-chaos.test.ts',
        'every message reaches everybody, nobody is disconnected, and API Gateway never speaks for a function',
      ),
    ],
  },
  {
    number: 14,
    mistake:
      'A poll is answered with nothing, too much or without CORS headers, or a preflight is asked for a token.',
    caughtBy: [
      ...test(
        `${ENGINE}/polling.test.ts`,
        'is held for twenty seconds, then answers a noop, never nothing',
        'carry CORS headers, as every answer does',
      ),
      ...test(`${ENGINE}/connecting.test.ts`, 'a GET never answers more than sixteen packets'),
      ...test(
        `${CONFORMANCE}/engine/cors.ts`,
        'answers a preflight with 204 and reflects the headers it asks for',
        'errors say it too, so that a page can read them',
      ),
      ...test(
        'test/cdk/rest-api.test.ts',
        'nobody authorizes the HTTP API but its functions: a preflight has no token',
      ),
    ],
  },
  {
    number: 15,
    mistake: 'Polls that overlap both wait, or are refused in another way than the stock server’s.',
    caughtBy: [
      ...test(
        `${ENGINE}/polling.test.ts`,
        'that overlaps another is refused; the other gets a close packet and the session is over',
        'is not blocked for good by one that died',
      ),
      ...test(
        `${CONFORMANCE}/engine/polling.ts`,
        'a second GET while one waits: it gets an empty 400, the first one a close packet',
        // Where we differ, and say so.
        'a POST while another one is still being sent',
      ),
      ...test('test/contract/engine-polls.contract.ts', '20 racing polls: one gets the lease'),
    ],
  },
  {
    number: 16,
    mistake: 'A request that names no protocol version is taken for one of version 4.',
    caughtBy: [
      ...test(`${ENGINE}/rules.test.ts`, 'a handshake %s %j: %s', 'a poll %j of a %s session: %s'),
      ...test(
        `${CONFORMANCE}/engine/handshake.ts`,
        'refuses EIO=%s with code 5',
        'does not keep a WebSocket with EIO=%s',
      ),
    ],
  },
  {
    number: 17,
    mistake: 'A session of protocol version 3 is opened, which could not be brought back (they are refused).',
    caughtBy: [
      ...test(`${ENGINE}/frames.test.ts`, 'admission refuses by the stock server’s rules'),
      ...test(`${ENGINE}/rules.test.ts`, 'a handshake %s %j: %s'),
      ...test(
        `${CONFORMANCE}/engine/handshake.ts`,
        'refuses EIO=%s with code 5',
        'does not keep a WebSocket with EIO=%s',
      ),
    ],
  },
  {
    number: 18,
    mistake: 'A socket that is brought back lacks its request or the auth of its handshake.',
    caughtBy: [
      ...test(`${SERVER}/rehydration.test.ts`, 'gives the socket what it had: id, rooms, data and handshake'),
      ...test(`${SERVER}/application.test.ts`, 'finds an engine it may look at'),
    ],
  },
  {
    number: 19,
    mistake:
      'Bringing a socket back or putting it away writes its rooms, or a broadcast is still going when the run ends.',
    caughtBy: [
      ...test(
        `${SERVER}/rehydration.test.ts`,
        'runs connection listeners again without any effect, also after they awaited',
        'writes nothing: rooms are neither joined again when it comes nor left when it goes',
      ),
      ...test(`${SERVER}/rooms.test.ts`, 'are kept from one invocation to the next, and entered once'),
      ...test(`${SERVER}/basics.test.ts`, 'reaches everybody with a broadcast, itself on its own response'),
    ],
  },
  {
    number: 20,
    mistake: 'A connection is closed before the packet that says why, so that its client comes back.',
    caughtBy: [
      ...test(`${ENGINE}/frames.test.ts`, 'is all posted before the application closes the connection'),
      ...test(
        `${SERVER}/disconnect.test.ts`,
        'with its connection writes one packet for each namespace before it closes',
      ),
      ...test(`${SERVER}/cluster.test.ts`, 'closes a connection of another client after its packets (%s)'),
    ],
  },
];
