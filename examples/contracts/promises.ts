import type { Sample } from './document.ts';
import type { Page } from './page.ts';
import { MISTAKE, type Play } from './play.ts';

/** Something a sample of a document says will happen. */
export interface Promised {
  readonly sample: Sample;
  readonly what: 'heard' | 'printed';
  /** Name of the event, or the text that stands in the line that is printed. */
  readonly name: string;
}

/** What the code for clients listens for, and what it then prints. */
export function promisesOf({ document }: Pick<Play, 'document'>): readonly Promised[] {
  return document.samples
    .filter(({ kind }) => kind !== 'server')
    .flatMap((sample) => [
      ...[...sample.code.matchAll(/\.on\(['"]([^'"]+)['"]/g)].map(([, name = '']) => ({
        sample,
        what: 'heard' as const,
        name,
      })),
      ...[...sample.code.matchAll(PRINT)].map(([, , name = '']) => ({
        sample,
        what: 'printed' as const,
        name: name.replaceAll('\\', ''),
      })),
    ]);
}

/** The first text in a call of console. */
const PRINT = /console\.\w+\([^)'"`]*(['"`])((?:\\.|(?!\1).)*)\1/g;

/** What did not happen on any of the pages where its sample ran. */
export function brokenPromises(play: Play): readonly Promised[] {
  return promisesOf(play).filter(
    (promised) => !play.pages.some((page) => page.samples.includes(promised.sample) && keeps(page, promised)),
  );
}

function keeps({ heard, printed }: Page, { what, name }: Promised): boolean {
  return what === 'heard'
    ? heard.some(({ event }) => event === name)
    : printed.some((line) => line.includes(name));
}

const EXPECTED = [`Unknown event: ${MISTAKE}`, 'Authentication failed: Token expired'];

/** Refusals of something that a document shows. */
export function unexpectedErrors({
  pages,
}: Play): readonly { readonly page: string; readonly message: unknown }[] {
  return pages.flatMap(({ name, heard }) =>
    heard
      .filter(({ event }) => event === 'error')
      .map(({ args: [problem] }) => ({
        page: name,
        message: (problem as { readonly message: unknown }).message,
      }))
      .filter(({ message }) => !EXPECTED.includes(String(message))),
  );
}
