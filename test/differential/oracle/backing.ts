import type { Namespace, Socket } from 'socket.io';

export interface Account {
  readonly token: string;
  readonly id: string;
  readonly username: string;
  readonly email: string;
  readonly displayName: string;
}

/** What a document's server has behind it: people, and rooms they take part in. In memory. */
export class Backing {
  readonly #accounts = new Map<string, Account>();
  readonly #rooms = new Map<string, ReadonlySet<string>>();
  #ids = 0;

  add(account: Account): void {
    this.#accounts.set(account.token, account);
  }

  open(room: string, people: readonly Account[]): void {
    this.#rooms.set(room, new Set(people.map(({ id }) => id)));
  }

  account(token: string): Account | undefined {
    return this.#accounts.get(token);
  }

  isIn(room: unknown, { id }: Account): room is string {
    return typeof room === 'string' && this.#rooms.get(room)?.has(id) === true;
  }

  roomsOf({ id }: Account): readonly string[] {
    return [...this.#rooms].filter(([, people]) => people.has(id)).map(([room]) => room);
  }

  /** Sorted by time and 26 digits long. */
  nextId(): string {
    this.#ids += 1;
    return `01${String(this.#ids).padStart(24, '0')}`;
  }
}

/** A server that does what a document says, and nothing that it doesn't, on stock socket.io. */
export type Oracle = (nsp: Namespace, backing: Backing) => void;

/** Documents ask for a token and say that without a good one nobody gets in; the words are those fama shows. */
export function admit(nsp: Namespace, backing: Backing): void {
  nsp.use((socket, next) => {
    const given = (socket.handshake.auth['token'] ?? socket.handshake.headers.authorization) as
      | string
      | undefined;
    if (given === undefined) return next(new Error('Authentication failed: Token missing'));
    const account = backing.account(given.replace(/^Bearer /, ''));
    if (account === undefined) return next(new Error('Authentication failed: Token invalid'));
    socket.data = { account, userId: account.id };
    next();
  });
}

export const accountOf = ({ data }: Socket): Account => (data as { account: Account }).account;

/** The payload's field, when it is a text of a length a message may have. */
export function isContent(content: unknown): content is string {
  return typeof content === 'string' && content.length >= 1 && content.length <= 10_000;
}

/** `error`, as every document has it. */
export function complain(socket: Socket, message: string): void {
  socket.emit('error', { message });
}
