import type { Deps } from '../app/deps.ts';
import type { Clock } from '../ports/runtime.ts';
import type { Authenticator } from '../ports/security.ts';

export interface RestDeps extends Deps {
  readonly authenticator: Authenticator;
  readonly clock: Clock;
  /** Origins whose pages may call; `*` for all, none when empty. */
  readonly corsOrigins: readonly string[];
  /** What this deployment's CloudFront sends with every request, so that the viewer's address is believed. */
  readonly edgeKey: string;
  /** The AsyncAPI document of the Socket.IO vocabularies that this deployment speaks. */
  readonly asyncApi: () => { readonly asyncapi: string };
  /** Whether POST /auth/* exist: false when only external issuers are trusted. */
  readonly accounts: boolean;
}
