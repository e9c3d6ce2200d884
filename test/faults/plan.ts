/** What happens in a run: made of the seed alone, before anything runs. Pure. */
import type { Speech } from './clients/app.ts';
import { createRandom, type Random } from './sim/random.ts';
import { weatherOf, type Weather } from './sim/weather.ts';

export interface Cast {
  readonly name: string;
  readonly user: string;
  readonly speaks: Speech;
  readonly transports: readonly ('polling' | 'websocket')[];
  readonly rooms: readonly string[];
}

export type Step =
  | { readonly do: 'send' | 'read' | 'join' | 'leave'; readonly client: string; readonly room: string }
  | { readonly do: 'type'; readonly client: string; readonly room: string; readonly isTyping: boolean }
  | { readonly do: 'notify'; readonly user: string }
  | { readonly do: 'drop' | 'vanish' | 'cut'; readonly client: string }
  | { readonly do: 'offline'; readonly client: string; readonly forMs: number }
  | { readonly do: 'stop'; readonly client: string; readonly politely: boolean }
  | { readonly do: 'start'; readonly client: string }
  | { readonly do: 'crash'; readonly kind: 'crash' | 'timeout' }
  | { readonly do: 'redeploy' | 'cut all' };

export interface Plan {
  readonly seed: string;
  readonly users: readonly string[];
  readonly rooms: readonly string[];
  readonly cast: readonly Cast[];
  readonly weather: Weather;
  readonly skewMs: number;
  readonly steps: readonly (Step & { readonly at: number })[];
  /** When the last step is over. */
  readonly endsAt: number;
}

export interface Scale {
  readonly clients: readonly [number, number];
  readonly steps: readonly [number, number];
  /** In some runs hours pass in between. */
  readonly pauses: boolean;
}

export const SMALL: Scale = { clients: [3, 6], steps: [25, 60], pauses: true };
export const LARGE: Scale = { clients: [8, 16], steps: [200, 500], pauses: true };

const SPEECHES: readonly Speech[] = [
  'messenger',
  'rooms',
  'chats',
  'chats',
  'notifications',
  'native',
  'native',
  'fama',
];
const TRANSPORTS = [['polling', 'websocket'], ['websocket'], ['websocket'], ['polling']] as const;

export function planOf(seed: string, scale: Scale = SMALL): Plan {
  const random = createRandom(seed);
  const users = ['ann', 'bob', 'cy', 'dee'].slice(0, random.between(2, 4));
  const rooms = ['red', 'green'].slice(0, random.between(1, 2));
  const size = random.between(...scale.clients);
  const cast = Array.from({ length: size }, (_, n) => castOf(random, { n, users, rooms }));
  const steps: Plan['steps'][number][] = cast.map(({ name }) => ({
    do: 'start',
    client: name,
    at: random.between(0, 4_000),
  }));
  let at = 10_000;
  const count = random.between(...scale.steps);
  const starts: typeof steps = [];
  for (let n = 0; n < count; n++) {
    at += pause(random, scale);
    const step = stepOf(random, { cast, users, rooms });
    steps.push({ ...step, at });
    if (step.do !== 'stop') continue;
    // Somebody reloads the page, comes back later, or is gone for good.
    const back = random.pick([500, 3_000, 9_000, 30_000, 200_000, undefined]);
    if (back !== undefined) starts.push({ do: 'start', client: step.client, at: at + back });
  }
  const all = [...steps, ...starts].toSorted((one, other) => one.at - other.at);
  return {
    seed,
    users,
    rooms,
    cast,
    weather: weatherOf(random.branch('weather')),
    skewMs: random.pick([0, 5, 40]),
    steps: all,
    endsAt: Math.max(at, ...all.map((step) => step.at)) + 5_000,
  };
}

function castOf(
  random: Random,
  {
    n,
    users,
    rooms,
  }: { readonly n: number; readonly users: readonly string[]; readonly rooms: readonly string[] },
): Cast {
  const user = n < users.length ? users[n]! : random.pick(users);
  const speaks = n === 0 ? random.pick(['chats', 'messenger', 'rooms'] as const) : random.pick(SPEECHES);
  // The first of them are in all rooms.
  const own = n < 2 ? rooms : rooms.filter(() => random.chance(0.7));
  return {
    name: `${user}-${n}`,
    user,
    speaks,
    transports: random.pick(TRANSPORTS),
    rooms: own.length > 0 ? own : rooms,
  };
}

/** Mostly bursts, sometimes a minute, seldom hours. */
function pause(random: Random, { pauses }: Scale): number {
  const drawn = random.next();
  if (drawn < 0.55) return random.between(0, 120);
  if (drawn < 0.85) return random.between(120, 4_000);
  if (drawn < 0.99 || !pauses) return random.between(4_000, 30_000);
  return random.pick([70_000, 300_000, 3_700_000]);
}

const ODDS: readonly (readonly [Step['do'], number])[] = [
  ['send', 50],
  ['read', 6],
  ['type', 6],
  ['notify', 6],
  ['join', 3],
  ['leave', 2],
  ['drop', 6],
  ['vanish', 4],
  ['cut', 5],
  ['offline', 4],
  ['stop', 3],
  ['crash', 4],
  ['redeploy', 2],
  ['cut all', 1],
];
const TOTAL = ODDS.reduce((sum, [, odds]) => sum + odds, 0);

function stepOf(
  random: Random,
  {
    cast,
    users,
    rooms,
  }: { readonly cast: readonly Cast[]; readonly users: readonly string[]; readonly rooms: readonly string[] },
): Step {
  const { name: client, rooms: own } = random.pick(cast);
  const act = draw(random);
  switch (act) {
    case 'send':
    case 'read':
      return { do: act, client, room: random.pick(own) };
    case 'join':
    case 'leave':
      return { do: act, client, room: random.pick(rooms) };
    case 'type':
      return { do: act, client, room: random.pick(own), isTyping: random.chance(0.6) };
    case 'notify':
      return { do: act, user: random.pick(users) };
    case 'offline':
      return { do: act, client, forMs: random.pick([300, 5_000, 40_000, 100_000, 400_000]) };
    case 'stop':
      return { do: act, client, politely: random.chance(0.6) };
    case 'crash':
      return { do: act, kind: random.chance(0.7) ? 'crash' : 'timeout' };
    case 'redeploy':
    case 'cut all':
      return { do: act };
    case 'drop':
    case 'vanish':
    case 'cut':
    case 'start':
      return { do: act, client };
  }
}

function draw(random: Random): Step['do'] {
  let left = random.next() * TOTAL;
  for (const [act, odds] of ODDS) {
    left -= odds;
    if (left < 0) return act;
  }
  return 'send';
}
