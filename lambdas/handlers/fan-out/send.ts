import { halvesOf } from '../../app/mailing.ts';
import { CausewayError } from '../../domain/errors.ts';
import { InDoubt } from '../../domain/in-doubt.ts';
import { utf8Length } from '../../domain/utf8.ts';
import { FAN_OUT } from '../../manifest/limits.ts';
import type { Mailing } from '../../ports/mail.ts';
import { encodeMailing } from '../../wire/mailing.ts';

/** Has a mailing carried, in as few invocations as its size allows. When a part of it has left, it is in doubt, not refused. */
export async function send(invoke: (event: string) => Promise<void>, mailing: Mailing): Promise<void> {
  const texts = textsOf(mailing);
  const outcomes = await Promise.allSettled(texts.map((text) => invoke(text)));
  const failures = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason] : []));
  if (failures.length === 0) return;
  throw failures.length < texts.length ? new InDoubt(failures[0]) : failures[0];
}

function textsOf(mailing: Mailing): readonly string[] {
  const text = JSON.stringify(encodeMailing(mailing));
  if (utf8Length(text) <= FAN_OUT.mailingBytes) return [text];
  const halves = halvesOf(mailing);
  if (halves === undefined) throw new CausewayError('too_large', 'Not even for one recipient');
  return halves.flatMap(textsOf);
}
