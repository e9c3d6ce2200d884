import type { LambdaClient } from '@aws-sdk/client-lambda';

/** Event → its listener, as socket.io types events. */
export type Events = { readonly [event: string]: (...args: never[]) => void };

/** Without types of one's own: notifications take an object, everything else anything that JSON can say. */
export interface DefaultEvents {
  readonly 'notification.new': (payload: object) => void;
  // `unknown` would refuse the line above.
  // oxlint-disable-next-line typescript/no-explicit-any
  readonly [event: string]: (...args: any[]) => void;
}

export interface EmitterOptions {
  /** Output `NotifyFunction` of the stack; a name or an ARN. The back end needs lambda:InvokeFunction on it. */
  readonly functionName: string;
  /** Default: a client with the process's own region and credentials. */
  readonly client?: LambdaClient;
}

/** Ids of the notifications that were stored, or what became of the event by number of sockets. */
export type EmitResult =
  | { readonly notifications: readonly string[] }
  | { readonly sockets: { readonly sent: number; readonly gone: number; readonly failed: number } };

/**
 * `emitter.to(user.id).emit('notification.new', payload)` stores a notification of that user and pushes it to every device;
 * whoever is offline finds it later. Any other event goes to sockets alone, as `io.of(…).to(…).emit(…)` would: to a Socket.IO
 * room, to a chat room by its id, or to a user by `<id>` or `user_<id>`; without `to`, to the whole namespace.
 *
 * Immutable: `to` and `of` return new emitters, so that one can be kept and shared.
 */
export class Emitter<E extends Events = DefaultEvents> {
  constructor(options: EmitterOptions);
  /** Adds rooms; a socket in several of them is told once. At most 100. Throws EmitError for an empty list. */
  to(room: string | readonly string[]): Emitter<E>;
  /** The same as `to`. */
  in(room: string | readonly string[]): Emitter<E>;
  /** Default `/`. With a namespace, `notification.new` is an event as any other and is not stored. */
  of(namespace: string): Emitter<E>;
  /** Resolves when it has been handed to everybody. Rejects with EmitError, or with what the SDK's client rejects with. */
  emit<Name extends keyof E & string>(event: Name, ...args: Parameters<E[Name]>): Promise<EmitResult>;
}

export class EmitError extends Error {
  /** As in PROTOCOL.md: `invalid_field`, `unavailable` (worth another try), … */
  readonly code: string;
  readonly field?: string;
  constructor(
    error: { readonly code: string; readonly message: string; readonly field?: string },
    options?: ErrorOptions,
  );
}
