import { hangUp } from '../../../examples/contracts/hang-up.ts';
import type { Actor, Entry, Options } from '../actor.ts';
import { Stage, type Transcript, type Transport } from '../stage.ts';
import type { Account } from './backing.ts';

export const CAST = ['anna', 'bob', 'carl'] as const;
export type Player = (typeof CAST)[number];

/** One server that plays a document, with people and rooms of its own for each act. */
export interface House {
  readonly url: string;
  /** New people; anna and bob share the room. */
  engage(): Promise<{ readonly people: Readonly<Record<Player, Account>>; readonly room: string }>;
  /** A back end pushes to a user. */
  push(nsp: string, userId: string, payload: object): Promise<void>;
  /** Everything that was asked for has been done to its end. */
  settle(): Promise<void>;
  /** Time goes by, and what is due is done. */
  pass(ms: number): Promise<void>;
}

export interface OpenHouse extends House {
  close(): Promise<void>;
}

/** Everybody of the cast, by name. */
export async function engageAll(
  engage: (player: Player) => Promise<Account>,
): Promise<Readonly<Record<Player, Account>>> {
  const people = await Promise.all(CAST.map(async (player) => [player, await engage(player)] as const));
  return Object.fromEntries(people) as Record<Player, Account>;
}

export interface Theatre {
  readonly room: string;
  readonly people: Readonly<Record<Player, Account>>;
  /** A client that may be refused; `token` instead of the player's own. */
  enter(player: Player, options?: Options): Actor;
  /** A client that is connected and has been greeted. */
  join(player: Player): Promise<Actor>;
  /** All that was said has been done to its end, and everybody has been told. */
  settle(): Promise<void>;
  /** A client goes, for long enough to be missed. */
  leave(actor: Actor): Promise<void>;
  push(player: Player, payload: object): Promise<void>;
}

export interface Act {
  readonly name: string;
  readonly nsp: string;
  play(theatre: Theatre): Promise<void>;
}

const ABSENCE_MS = 11_000;
/** A moment later the others are told who has come. */
const ARRIVAL_MS = 2_000;

/** Plays an act in a house and answers what each client saw; what differs from run to run has a name instead. */
export async function transcriptOf(act: Act, house: House, transport: Transport): Promise<Transcript> {
  const stage = new Stage(house.url, transport);
  const { people, room } = await house.engage();
  // Frames of one client are handled at the same time: that a later one was answered says only that the earlier has come.
  const settle = async () => {
    for (const actor of stage.actors) await actor.fence();
    await house.settle();
    await house.pass(ARRIVAL_MS);
    for (const actor of stage.actors) await actor.fence();
  };
  const enter = (player: Player, options: Options = { auth: { token: people[player].token } }) =>
    stage.enter(player, act.nsp, options);
  try {
    await act.play({
      room,
      people,
      enter,
      async join(player) {
        const actor = enter(player);
        await actor.sees('connect');
        await settle();
        return actor;
      },
      settle,
      async leave({ socket }) {
        await hangUp(socket);
        await house.pass(ABSENCE_MS);
      },
      push: (player, payload) => house.push(act.nsp, people[player].id, payload),
    });
    await settle();
    return anonymous(stage.actors, people, room);
  } finally {
    await Promise.all(stage.actors.map(({ socket }) => hangUp(socket)));
    await house.pass(ABSENCE_MS);
  }
}

/** What no two runs have in common, and what no document gives: the words of a refusal. */
function anonymous(
  actors: readonly Actor[],
  people: Readonly<Record<Player, Account>>,
  room: string,
): Transcript {
  const names = new Map<string, string>([[room, '<room>']]);
  for (const [name, { id, username, email, displayName }] of Object.entries(people)) {
    for (const [kind, text] of Object.entries({ id, username, email, displayName }))
      names.set(text, `<${name}'s ${kind}>`);
  }
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return name(value, names);
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value)
        .map(([key, inner]) => [key, hide(inner)] as const)
        .toSorted(([one], [other]) => (one < other ? -1 : 1)),
    );
  };
  const told = (entry: Entry): Entry =>
    entry[0] === 'event' && entry[1] === 'error'
      ? ['event', 'error', (entry[2] as object[]).map((payload) => ({ ...payload, message: '<reason>' }))]
      : (hide(entry) as Entry);
  return Object.fromEntries(actors.map(({ name, entries }) => [name, entries.map(told)]));
}

function name(text: string, names: Map<string, string>): string {
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(text)) return '<instant>';
  if (/^[0-9A-HJKMNP-TV-Z]{26}$/.test(text) && !names.has(text))
    names.set(text, `<id ${[...names.values()].filter((known) => known.startsWith('<id')).length + 1}>`);
  return names.get(text) ?? text;
}
