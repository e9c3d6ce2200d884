import type { Millis } from '../domain/entities.ts';
import type { DomainEvent } from '../domain/events.ts';
import { hash53 } from '../domain/hash.ts';
import type { Mailing } from '../ports/mail.ts';

/** What is not stored: who misses it misses nothing. */
export function isFleeting({ kind }: DomainEvent): boolean {
  return kind === 'typing.changed' || kind === 'presence.changed';
}

/** A mailing of an event. Of one event there is one to all, or one to those who are left. */
export function mailingOf(
  { event, at, except = '' }: { readonly event: DomainEvent; readonly at: Millis; readonly except?: string },
  to: Pick<Mailing, 'natives' | 'sockets' | 'doubtful' | 'late'>,
): Mailing {
  const { high21, low32 } = hash53(`${JSON.stringify(event)} ${except} ${to.late}`);
  const id = `${at.toString(36)}-${(high21 * 2 ** 32 + low32).toString(36)}`;
  // Nobody was told before, however long the event had waited then.
  const toldAt = event.kind === 'message.created' ? event.message.toldAt : undefined;
  return { id, at: toldAt ?? at, content: { event }, ...to, fleeting: isFleeting(event) };
}

export function sizeOf({ natives, sockets, doubtful }: Mailing): number {
  return natives.length + sockets.length + doubtful.length;
}

/** The same for some of the recipients, as if the lists stood one after another. */
export function partOf(mailing: Mailing, from: number, to: number): Mailing {
  const { natives, sockets } = mailing;
  const part = <T>(list: readonly T[], start: number) =>
    list.slice(Math.max(0, from - start), Math.max(0, to - start));
  return {
    ...mailing,
    natives: part(natives, 0),
    sockets: part(sockets, natives.length),
    doubtful: part(mailing.doubtful, natives.length + sockets.length),
  };
}

/** Two mailings with half of the recipients each; undefined for one recipient. */
export function halvesOf(mailing: Mailing): readonly [Mailing, Mailing] | undefined {
  const size = sizeOf(mailing);
  if (size < 2) return undefined;
  const middle = Math.ceil(size / 2);
  return [
    { ...partOf(mailing, 0, middle), id: `${mailing.id}a` },
    { ...partOf(mailing, middle, size), id: `${mailing.id}b` },
  ];
}
