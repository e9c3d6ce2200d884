/**
 * A dialect is a table: what a client may say and what it means, and what clients are told of what happens. Pure: no
 * store, no socket, no clock. Adding one is a file like chats.ts and a line in dialects.ts.
 */
import type * as v from 'valibot';

import type { Command, SendCommand } from '../../lambdas/domain/commands.ts';
import type { ErrorInfo } from '../../lambdas/domain/errors.ts';
import type { DomainEvent } from '../../lambdas/domain/events.ts';
import type { NotificationId, RoomId, UserId } from '../../lambdas/domain/ids.ts';
import type { DialectId } from '../../lambdas/manifest/dialects.ts';

type PayloadSchema = v.GenericSchema;

/** What a client means. A room it does not name is filled in by the host: the lobby for messages, the current room for typing. */
export type Intent =
  | Extract<Command, { kind: 'room.join' | 'room.leave' | 'message.read' }>
  | (Omit<SendCommand, 'roomId'> & { readonly roomId: RoomId | undefined })
  | { readonly kind: 'typing.set'; readonly roomId: RoomId | undefined; readonly isTyping: boolean }
  | { readonly kind: 'notification.read'; readonly id: NotificationId };

/** What a dialect may have words for: what happens to everybody, and what concerns one socket alone. */
export type Occurrence =
  | DomainEvent
  /** The socket has just been connected (never on a recovered connection). */
  | { readonly kind: 'session.connected'; readonly user: { readonly id: UserId; readonly username: string } }
  /** Something this client asked for was refused. */
  | { readonly kind: 'error.raised'; readonly error: ErrorInfo };

/** An event a client may send: one argument, checked by `payload`. */
export interface Incoming<Schema extends PayloadSchema> {
  readonly payload: Schema;
  /** For the AsyncAPI document. */
  readonly about: string;
  /** A method, so that every table is a Dialect: whoever calls it has checked the payload against this very schema. */
  means(payload: v.InferOutput<Schema>): Intent;
}

/** An event clients are sent: one argument. */
export interface Outgoing<Schema extends v.GenericSchema<unknown, object>> {
  readonly payload: Schema;
  readonly about: string;
}

type Schemas = Readonly<Record<string, PayloadSchema>>;
/** What clients are sent is always an object: two dialects that share an event's name are said in one. */
type Shapes = Readonly<Record<string, v.GenericSchema<unknown, object>>>;

/** One event for one recipient: its name and its payload. */
export type Saying<Sends extends Shapes = Shapes> = {
  [Event in keyof Sends & string]: readonly [event: Event, payload: v.InferOutput<Sends[Event]>];
}[keyof Sends & string];

/** The dialect has no word for it, on purpose. */
export const NOTHING = () => undefined;

/** A word, or none, for every kind of occurrence: a new kind does not compile until each dialect has decided. */
type Says<Word> = {
  readonly [Kind in Occurrence['kind']]: (
    occurrence: Extract<Occurrence, { kind: Kind }>,
  ) => Word | undefined;
};

export interface Dialect<
  Receives extends Schemas = Schemas,
  Sends extends Shapes = Shapes,
  Reserved extends string = string,
> {
  readonly id: DialectId;
  /** The document it puts into a table. */
  readonly document: string;
  readonly title: string;
  /** What a socket is put into when it connects, without being told. */
  readonly autoJoins: { readonly rooms: boolean; readonly lobby: boolean };
  readonly receives: { readonly [Event in keyof Receives]: Incoming<Receives[Event]> };
  readonly sends: { readonly [Event in keyof Sends]: Outgoing<Sends[Event]> };
  /** Events the document keeps for later, and what for. They have no shape yet, so they cannot be said. */
  readonly reserved?: { readonly [Event in Reserved]: string };
  readonly says: Says<Saying<Sends>>;
}

/** Checks at compile time that every event has its schema and meaning, and every occurrence a word or a decision. */
export function defineDialect<
  // Without events nothing is inferred, and the constraint would stand for every event there could be.
  // oxlint-disable-next-line typescript/no-generated-empty-object-type -- no events is what is meant
  const Receives extends Schemas = Record<never, never>,
  const Sends extends Shapes = Shapes,
  const Reserved extends string = never,
>(dialect: Dialect<Receives, Sends, Reserved>): Dialect<Receives, Sends, Reserved> {
  return dialect;
}

/** Events the server may receive, as socket.io's type parameters take them; each may ask for an ack. */
export type ClientEventsOf<D> =
  D extends Dialect<infer Receives, Shapes>
    ? {
        [Event in keyof Receives]: (
          payload: v.InferInput<Receives[Event]>,
          ack?: (answer: Ack) => void,
        ) => void;
      }
    : never;

/** Events the client may receive, as socket.io's type parameters take them. */
export type ServerEventsOf<D> =
  D extends Dialect<Schemas, infer Sends, infer Reserved>
    ? { [Event in keyof Sends]: (payload: v.InferOutput<Sends[Event]>) => void } & {
        [Event in Reserved]: (payload: unknown) => void;
      }
    : never;

/** The answer to an event that asked for one: what it caused, in the payload's own fields, or what was wrong. */
export type Ack =
  | ({ readonly ok: true; readonly error?: never } & { readonly [field: string]: unknown })
  | { readonly ok?: never; readonly error: { readonly code: string; readonly message: string } };
