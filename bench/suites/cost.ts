import { io, type Socket } from 'socket.io-client';
import type { MeterReport } from '../../emulator/types.ts';
import { startCauseway, type Causeway } from '../../test/support/causeway.ts';
import { figure, type Suite } from '../suite.ts';

/** What always-on clients cost: `CAUSEWAY_COST_CLIENTS` of them for `CAUSEWAY_COST_HOURS`, in simulated time. */
export const costSuite: Suite = { name: 'cost', run };

const CLIENTS = Number(process.env['CAUSEWAY_COST_CLIENTS'] ?? 20);
const HOURS = Number(process.env['CAUSEWAY_COST_HOURS'] ?? 24);
const MINUTE_MS = 60_000;
/** Far below the ten seconds after which somebody counts as gone: whoever is cut comes back in real time. */
const STEP_MS = 2_000;
const MINUTES_A_MONTH = 30 * 24 * 60;
/** Members of each room: whoever comes and goes is told to these. */
const ROOM_SIZE = 10;
const PATIENCE_MS = 20_000;
/** The ceiling for 1,000 clients and month. */
const CEILING_USD = 40;

export interface Spent {
  readonly minutes: number;
  readonly parts: Readonly<Record<string, number>>;
  readonly total: MeterReport['total'];
}

export interface Measured {
  readonly clients: number;
  /** With nobody there. */
  readonly empty: Spent;
  readonly full: Spent;
  readonly recovered: number;
  readonly fresh: number;
}

async function run(): Promise<string> {
  return markdown(await measureCost(CLIENTS, HOURS));
}

export async function measureCost(clients: number, hours: number): Promise<Measured> {
  const causeway = await startCauseway({ configFile: 'bench/cost.config.ts' });
  try {
    // Nobody: what schedule and sweep cost by themselves.
    const empty = await spend(causeway, 60, () => Promise.resolve());
    const people = await enter(causeway, clients);
    try {
      const full = await spend(causeway, hours * 60, () => everybodyIsBack(causeway, people));
      const count = (kind: 'recovered' | 'fresh') => people.reduce((sum, person) => sum + person[kind], 0);
      return { clients, empty, full, recovered: count('recovered'), fresh: count('fresh') - clients };
    } finally {
      for (const { socket } of people) socket.disconnect();
    }
  } finally {
    await causeway.close();
  }
}

interface Person {
  readonly socket: Socket;
  recovered: number;
  fresh: number;
}

/**
 * In the stock default: polling first, then the upgrade. Only the pause before a reconnect is short, which costs nothing. One a
 * minute, so that their heartbeats come at different times, as those of a thousand do: what handlers take at once they take
 * from one another here, and not on AWS.
 */
async function enter(causeway: Causeway, clients: number): Promise<readonly Person[]> {
  const users = [];
  for (let n = 0; n < clients; n++) users.push(await causeway.register(`user${n}`));
  for (let n = 0; n < clients; n += ROOM_SIZE)
    await causeway.createRoom(users[n]!, users.slice(n + 1, n + ROOM_SIZE));
  const people: Person[] = [];
  for (const { token } of users) {
    people.push(person(causeway, token));
    await everybodyIsBack(causeway, people);
    await causeway.advance(MINUTE_MS);
  }
  await causeway.quiet();
  return people;
}

function person({ urls }: Causeway, token: string): Person {
  const socket = io(urls.origin, {
    auth: { token },
    forceNew: true,
    reconnectionDelay: 20,
    reconnectionDelayMax: 100,
  });
  const person = { socket, recovered: 0, fresh: 0 };
  socket.on('connect', () => {
    if (socket.recovered) person.recovered += 1;
    else person.fresh += 1;
  });
  return person;
}

/** Between two steps everybody answers, and comes back. */
async function spend(causeway: Causeway, minutes: number, settled: () => Promise<void>): Promise<Spent> {
  causeway.resetMeter();
  for (let ms = 0; ms < minutes * MINUTE_MS; ms += STEP_MS) {
    await causeway.advance(STEP_MS);
    await causeway.quiet();
    await settled();
  }
  const { total, cost } = causeway.meter();
  return { minutes, parts: cost.parts, total };
}

/** Asked of the gateway, too: a client does not know yet that its connection has been closed. */
async function everybodyIsBack({ urls }: Causeway, people: readonly Person[]): Promise<void> {
  const isBack = ({ socket }: Person) => socket.connected && socket.io.engine.transport.name === 'websocket';
  const open = async () =>
    ((await (await fetch(`${urls.origin}/_emulator/connections`)).json()) as unknown[]).length;
  const until = Date.now() + PATIENCE_MS;
  while ((await open()) !== people.length || !people.every(isBack)) {
    if (Date.now() > until)
      throw new Error(`${people.filter(isBack).length} of ${people.length} clients are connected`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Of 1,000 clients for a month: what each adds a thousand times, and the rest once. */
export function monthly({
  clients,
  empty,
  full,
}: Measured): readonly { readonly part: string; readonly usd: number }[] {
  return Object.keys({ ...empty.parts, ...full.parts }).map((part) => {
    const base = ((empty.parts[part] ?? 0) / empty.minutes) * MINUTES_A_MONTH;
    const all = ((full.parts[part] ?? 0) / full.minutes) * MINUTES_A_MONTH;
    return { part, usd: base + ((all - base) / clients) * 1_000 };
  });
}

const LABELS: Readonly<Record<string, string>> = {
  webSocketMessages: 'WebSocket messages: pings, pongs, reconnects',
  connectionMinutes: 'connection minutes',
  httpRequests: 'HTTP API requests (polling before the upgrade)',
  lambdaRequests: 'Lambda requests',
  lambdaArm64: 'Lambda GB-seconds, by the time the handlers took here',
  dynamodbReads: 'DynamoDB reads',
  dynamodbWrites: 'DynamoDB writes',
  secretsManagerCalls: 'Secrets Manager',
  scheduledInvokes: 'EventBridge Scheduler',
  queueRequests: 'SQS',
  busEvents: 'EventBridge',
  edgeRequests: 'CloudFront requests',
  edgeFunctionRuns: 'CloudFront Functions',
  egress: 'egress',
};

function markdown(measured: Measured): string {
  const parts = monthly(measured);
  const sum = parts.reduce((total, { usd }) => total + usd, 0);
  const rows = parts
    .filter(({ usd }) => usd >= 0.005)
    .toSorted((one, other) => other.usd - one.usd)
    .map(({ part, usd }) => `| ${LABELS[part] ?? part} | $${usd.toFixed(2)} |`);
  const { clients, full, recovered, fresh } = measured;
  const each = (value: number) => figure(value / clients / (full.minutes / 1_440));
  const verdict =
    sum <= CEILING_USD ? `at most $${CEILING_USD}: yes` : `ABOVE the ceiling of $${CEILING_USD}`;
  return `## Cost of 1,000 always-on clients for a month

${clients} stock socket.io-client 4.8, default options (polling, then the upgrade), default heartbeat, in rooms of ${ROOM_SIZE}, for ${figure(full.minutes / 60)} simulated
hours; the meter's list prices without any free tier. What is spent with nobody there counts once, the rest by the client.

| part | per 1,000 clients and month |
|---|---|
${rows.join('\n')}
| **sum** (${verdict}) | **$${sum.toFixed(2)}** |

Each client a day (the sweeps of an empty deployment are in the figures): ${each(full.total.managementPosts)} posts, ${each(full.total.messagesIn)} messages in, ${each(full.total.lambdaInvocations)} invocations, ${each(full.total.readUnits)} read and ${each(full.total.writeUnits)} write units, ${each(recovered + fresh)} reconnects
(${recovered} recovered, ${fresh} not).
`;
}
