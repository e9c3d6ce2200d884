/**
 * From where a client wants to be told what it missed, as text. It gets these texts from us and returns them as they are;
 * forging one gives nobody more than the right to their rooms does.
 *
 *     <offset>            after the last event it got
 *     <offset>.<instant>  where an answer that did not hold everything ended; and of which resume it was an answer
 *     <offset>.           the same, in a second look
 *     .<instant>          the second look of the resume of that instant
 */
import type { Millis } from './entities.ts';
import { offsetAt, timeOfOffset } from './offset.ts';

export type ResumePoint =
  | { readonly kind: 'offset'; readonly at: Millis }
  | {
      readonly kind: 'page';
      readonly at: Millis;
      readonly offset: string;
      /** When the resume began, if there is to be a second look. */
      readonly began?: Millis;
    }
  | { readonly kind: 'again'; readonly began: Millis };

const POINT = /^([0-9a-z]{9}-[\w-]{10})?(\.([0-9a-z]{9})?)?$/;
const TIME_DIGITS = 9;

/** Undefined for what is no such text. */
export function parseResumePoint(text: string): ResumePoint | undefined {
  const [, offset = '', dot, instant] = POINT.exec(text) ?? [];
  const began = instant === undefined ? {} : { began: Number.parseInt(instant, 36) };
  const at = timeOfOffset(offset);
  if (at === undefined) return began.began === undefined ? undefined : { kind: 'again', ...began };
  return dot === undefined ? { kind: 'offset', at } : { kind: 'page', at, offset, ...began };
}

/** Where an answer ended. */
export function pagePoint(offset: string, began: Millis | undefined): string {
  return `${offset}.${began === undefined ? '' : instantOf(began)}`;
}

/** The second look. */
export function againPoint(began: Millis): string {
  return `.${instantOf(began)}`;
}

function instantOf(at: Millis): string {
  return offsetAt(at).slice(0, TIME_DIGITS);
}
