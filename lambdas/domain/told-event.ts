/** What Engine.IO packets of Socket.IO tell: an event that can be told again has its offset as its last argument. */
import type { Millis } from './entities.ts';
import { timeOfOffset } from './offset.ts';

/** Names an event in a namespace: one of chat has the same offset in all of them. Short where most clients are. */
export function eventName(nsp: string, offset: string): string {
  return nsp === '/' ? offset : `${nsp} ${offset}`;
}

/** Undefined for what is no event, or can't be told again. */
export function toldEvent(packet: string): string | undefined {
  if (!packet.endsWith(END)) return undefined;
  const offset = packet.slice(packet.lastIndexOf(BEGIN) + BEGIN.length, -END.length);
  if (timeOfOffset(offset) === undefined) return undefined;
  return eventName(NAMESPACE.exec(packet)?.[1] ?? '/', offset);
}
const BEGIN = ',"';
const END = '"]';
/** A message of Engine.IO, its type in Socket.IO, and how many attachments it has. */
const NAMESPACE = /^4\d(?:\d+-)?(\/[^,]*),/;

export function timeOfEvent(name: string): Millis | undefined {
  return timeOfOffset(name.slice(name.lastIndexOf(' ') + 1));
}

/** What tells the same event and follows each other goes together: its words in several vocabularies, and attachments. */
export function byEvent(packets: readonly string[]): readonly (readonly string[])[] {
  const groups: string[][] = [];
  let before: string | undefined;
  for (const packet of packets) {
    const event = packet.startsWith(ATTACHMENT) ? before : toldEvent(packet);
    const group = groups.at(-1);
    if (group === undefined || event !== before) groups.push([packet]);
    else group.push(packet);
    before = event;
  }
  return groups;
}
/** As Engine.IO writes bytes as text. */
const ATTACHMENT = 'b';

/** Offers packets by their events, one after another; answers with those that were not taken, in their order. */
export async function untaken(
  packets: readonly string[],
  take: (those: readonly string[]) => Promise<boolean>,
): Promise<readonly string[]> {
  const left: string[] = [];
  for (const those of byEvent(packets)) if (!(await take(those))) left.push(...those);
  return left;
}
