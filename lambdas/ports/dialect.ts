import type { DialectName } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';

/** Turns a domain event into the text frame that every recipient of one dialect gets; undefined where it has no word for it. */
export interface Dialect {
  encode(event: DomainEvent): string | undefined;
}

/** Fan-out encodes once per dialect, not once per socket. */
export type Dialects = Readonly<Record<DialectName, Dialect>>;
