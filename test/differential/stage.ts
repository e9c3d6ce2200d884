import { Actor, type Entry, type Options } from './actor.ts';

export const TRANSPORTS = ['websocket', 'polling'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** Where a scenario plays: a server and one way to reach it. */
export class Stage {
  readonly url: string;
  readonly transport: Transport;
  readonly actors: Actor[] = [];

  constructor(url: string, transport: Transport) {
    this.url = url;
    this.transport = transport;
  }

  /** A client that may be refused. */
  enter(name: string, nsp: string, options: Options = {}): Actor {
    // Binary from a client is text on API Gateway: forceBase64 on both servers, so that they see the same.
    const actor = Actor.open(this.url, name, {
      nsp,
      transports: [this.transport],
      forceBase64: true,
      ...options,
    });
    this.actors.push(actor);
    return actor;
  }

  /** A client that is connected. */
  async join(name: string, nsp: string, options: Options = {}): Promise<Actor> {
    const actor = this.enter(name, nsp, options);
    await actor.sees('connect');
    return actor;
  }

  /** Another namespace on the connection of a client that is connected; it may be refused. */
  beside(actor: Actor, name: string, options: Pick<Options, 'auth'> & { readonly nsp: string }): Actor {
    const { nsp, ...rest } = options;
    const other = new Actor(name, actor.socket.io.socket(nsp, rest));
    this.actors.push(other);
    return other;
  }

  /** Several clients that are connected, one after the other. */
  async cast<const Names extends readonly string[]>(
    names: Names,
    nsp: string,
  ): Promise<{ readonly [N in keyof Names]: Actor }> {
    const actors: Actor[] = [];
    for (const name of names) actors.push(await this.join(name, nsp, { auth: { name } }));
    return actors as unknown as { readonly [N in keyof Names]: Actor };
  }
}

export interface Scenario {
  readonly name: string;
  play(stage: Stage): Promise<void>;
}

export type Transcript = Readonly<Record<string, readonly Entry[]>>;

/** Plays a scenario and answers what each client saw, ids replaced by the names of their owners. */
export async function transcriptOf(scenario: Scenario, stage: Stage): Promise<Transcript> {
  try {
    await scenario.play(stage);
    for (const actor of stage.actors) await actor.fence();
    return anonymous(stage.actors);
  } finally {
    for (const { socket } of stage.actors) socket.disconnect();
  }
}

function anonymous(actors: readonly Actor[]): Transcript {
  const names = new Map(
    actors.flatMap(({ name, ids }) => ids.map((id, n) => [id, n === 0 ? `<${name}>` : `<${name} ${n + 1}>`])),
  );
  const hide = (value: unknown): unknown => {
    if (typeof value === 'string') return names.get(value) ?? value;
    if (Buffer.isBuffer(value)) return `bytes ${value.toString('hex')}`;
    if (Array.isArray(value)) return value.map(hide);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, hide(inner)]));
  };
  return Object.fromEntries(actors.map(({ name, entries }) => [name, hide(entries) as Entry[]]));
}
