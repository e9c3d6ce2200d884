import type * as v from 'valibot';

import type { Arrival, Identity } from '../domain/entities.ts';
import type { ErrorCode } from '../domain/errors.ts';
import type { RestDeps } from './deps.ts';

export type Method = 'get' | 'post' | 'delete';
type OutputOf<S> = S extends v.GenericSchema ? v.InferOutput<S> : undefined;

export interface Success<Body> {
  readonly status: 200 | 201 | 204;
  readonly description: string;
  /** Absent for 204. */
  readonly schema?: v.GenericSchema<unknown, Body>;
  readonly example?: Body;
}

/** What a handler gets: everything checked. */
export interface Input<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly arrival: Arrival;
  /** The caller's address as API Gateway saw it; `unknown` where there is none. */
  readonly address: string;
}

/**
 * One REST operation: the routes, the validation and the OpenAPI document are all made from it, so none of them can say something else.
 */
export interface OperationSpec<P, Q, B, R> {
  readonly method: Method;
  /** OpenAPI template: `/chat/rooms/{roomId}`. Served at the root and below /api. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  readonly bodyExample?: unknown;
  readonly success: Success<R>;
  /** Besides `internal` and `unavailable`, and what reading input and token can answer. */
  readonly errors: readonly ErrorCode[];
}

export interface PublicOperation<P, Q, B, R> extends OperationSpec<P, Q, B, R> {
  handle(deps: RestDeps, input: Input<OutputOf<P>, OutputOf<Q>, OutputOf<B>>): Promise<NoInfer<R>>;
}

export interface BearerOperation<P, Q, B, R> extends OperationSpec<P, Q, B, R> {
  handle(
    deps: RestDeps,
    input: Input<OutputOf<P>, OutputOf<Q>, OutputOf<B>> & { readonly identity: Identity },
  ): Promise<NoInfer<R>>;
}

/** An operation whose types of input and answer have been checked against its own schemas and forgotten. */
export interface Operation extends OperationSpec<v.GenericSchema, v.GenericSchema, v.GenericSchema, unknown> {
  readonly access: 'public' | 'bearer';
  handle(deps: RestDeps, input: AnyInput): Promise<unknown>;
}
export type AnyInput = Input<unknown, unknown, unknown> & { readonly identity?: Identity };

/** Anybody may call it. */
export function publicOperation<
  R,
  P extends v.GenericSchema | undefined = undefined,
  Q extends v.GenericSchema | undefined = undefined,
  B extends v.GenericSchema | undefined = undefined,
>(spec: PublicOperation<P, Q, B, R>): Operation {
  return { ...spec, access: 'public' } as unknown as Operation;
}

/** Needs `Authorization: Bearer <token>`, the token that sockets take too. */
export function bearerOperation<
  R,
  P extends v.GenericSchema | undefined = undefined,
  Q extends v.GenericSchema | undefined = undefined,
  B extends v.GenericSchema | undefined = undefined,
>(spec: BearerOperation<P, Q, B, R>): Operation {
  return { ...spec, access: 'bearer' } as unknown as Operation;
}
