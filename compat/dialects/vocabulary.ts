/** The dialects of one namespace together: what its sockets may say and are told. Pure. */
import type { ErrorInfo } from '../../lambdas/domain/errors.ts';
import type { Result } from '../../lambdas/domain/result.ts';
import { fail, ok } from '../../lambdas/domain/result.ts';
import type { ChatDialectId, DialectId } from '../../lambdas/manifest/dialects.ts';
import { CHAT_DIALECTS } from '../../lambdas/manifest/dialects.ts';
import { checkPayload, findMisfit } from './check-payload.ts';
import type { Dialect, Intent, Occurrence, Saying } from './define-dialect.ts';
import { wordOf } from './word-of.ts';

export interface Decoded {
  readonly intent: Intent;
  /** Whose word it was, and so whose words answer it. */
  readonly dialect: DialectId;
  /** The chat dialect that the socket has chosen with this word. Absent when it had chosen before, or there is no choice. */
  readonly pin?: ChatDialectId;
}

export interface Vocabulary {
  /** What a socket is put into when it connects, whichever dialect it will choose. */
  readonly autoJoins: Dialect['autoJoins'];
  /** Reads an event; `args` without the ack. Total: whatever a client sends gives an intent or a refusal that names the field. */
  decode(event: string, args: readonly unknown[], pin?: ChatDialectId): Result<Decoded, ErrorInfo>;
  /** What a socket is told: none, one or several events, each name once. */
  say(occurrence: Occurrence, pin?: ChatDialectId): readonly Saying[];
}

/** A word of a dialect, as this client may have meant it. */
interface Reading {
  readonly dialect: Dialect;
  readonly word: Dialect['receives'][string];
}

/** An unknown event's name is the client's own; only its length needs a bound. */
const EVENT_CHARS = 120;

/**
 * A socket that has not chosen speaks and is told all dialects. With the first word that only one chat dialect knows it
 * chooses that one: from then on the other chat dialects' words are unknown to it, and it is told none of them. What is no
 * chat dialect (fama, notifications) stays.
 */
export function createVocabulary(dialects: readonly Dialect[]): Vocabulary {
  const hasChoice = dialects.filter(({ id }) => isChat(id)).length > 1;
  const spoken = (pin: ChatDialectId | undefined): readonly Dialect[] =>
    pin === undefined ? dialects : dialects.filter(({ id }) => id === pin || !isChat(id));
  return {
    autoJoins: {
      rooms: dialects.some(({ autoJoins }) => autoJoins.rooms),
      lobby: dialects.some(({ autoJoins }) => autoJoins.lobby),
    },
    decode(event, args, pin) {
      const read = readEvent(spoken(pin), event, args);
      if (!read.ok) return read;
      const [{ dialect, intent }, ...others] = read.value;
      const { id } = dialect;
      const chooses = hasChoice && pin === undefined && others.length === 0 && isChat(id);
      return ok({ intent, dialect: id, ...(chooses ? { pin: id } : {}) });
    },
    say: (occurrence, pin) => unite(spoken(pin), occurrence),
  };
}

type Meant = { readonly dialect: Dialect; readonly intent: Intent };

/** Everything an event may mean in these dialects, at least one. */
function readEvent(
  dialects: readonly Dialect[],
  event: string,
  args: readonly unknown[],
): Result<readonly [Meant, ...Meant[]], ErrorInfo> {
  const readings = dialects.flatMap((dialect): Reading[] => {
    const word = Object.hasOwn(dialect.receives, event) ? dialect.receives[event] : undefined;
    return word === undefined ? [] : [{ dialect, word }];
  });
  if (readings.length === 0) return fail(unknown(event));
  if (args.length === 0) return fail(wrong('is required'));
  if (args.length > 1) return fail(wrong('must be the only argument'));
  return readPayload(readings, args[0]);
}

function readPayload(
  readings: readonly Reading[],
  payload: unknown,
): Result<readonly [Meant, ...Meant[]], ErrorInfo> {
  const misfits = new Set<string>();
  const meant: Meant[] = [];
  let refusal: ErrorInfo | undefined;
  for (const { dialect, word } of readings) {
    const misfit = findMisfit(word.payload, payload);
    if (misfit !== undefined) {
      misfits.add(misfit);
      continue;
    }
    const checked = checkPayload(word.payload, payload);
    if (checked.ok) meant.push({ dialect, intent: word.means(checked.value) });
    else refusal ??= checked.error;
  }
  const [first, ...others] = meant;
  if (first !== undefined) return ok([first, ...others]);
  return fail(refusal ?? wrong([...misfits].join(' or ')));
}

/** Dialects that share an event's name are said in one frame: what both know of it has the same name and value in both. */
function unite(dialects: readonly Dialect[], occurrence: Occurrence): readonly Saying[] {
  const sayings = new Map<string, object>();
  for (const dialect of dialects) {
    const saying = wordOf(dialect, occurrence);
    if (saying === undefined) continue;
    const [event, payload] = saying;
    sayings.set(event, { ...sayings.get(event), ...payload });
  }
  return [...sayings];
}

function isChat(id: DialectId): id is ChatDialectId {
  return (CHAT_DIALECTS as readonly DialectId[]).includes(id);
}

function unknown(event: string): ErrorInfo {
  return { code: 'unknown_action', message: `Unknown event: ${event.slice(0, EVENT_CHARS)}` };
}

function wrong(problem: string): ErrorInfo {
  return { code: 'invalid_field', message: `payload ${problem}.`, field: 'payload' };
}
