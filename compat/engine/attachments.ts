/**
 * Puts binary Socket.IO packets together: a text header (`5<n>-…`, `6<n>-…`) and n attachments. Each may come in an
 * invocation of its own, text packets may come between them (browsers with `forceBase64` read attachments
 * asynchronously), and API Gateway may even hand an attachment over before its header. So headers wait in a queue, and
 * attachments go to the oldest that misses one; those without a header wait for the next.
 */
import type { Millis } from '../../lambdas/domain/entities.ts';
import { utf8Length } from '../../lambdas/domain/utf8.ts';
import { SOCKETIO_SESSION } from '../../lambdas/manifest/limits.ts';
import type { Message } from '../types.ts';

export type Piece =
  | { readonly text: string }
  /** `at`, then `began`, as in a frame: the attachments of a packet are put in this order. */
  | { readonly data: Uint8Array; readonly at?: Millis; readonly began?: Millis };

export interface Assembled {
  readonly messages: readonly Message[];
  /** What waits now; the very array that was given when nothing changed. */
  readonly partial: readonly string[];
  /** There was an attachment nobody waits for, or more waits than is kept: nothing after `messages` counts. */
  readonly invalid: boolean;
}

/** As kept in the session: a header with the attachments it has, or attachments alone. */
interface Waiting {
  readonly text?: string;
  readonly attachments: readonly Attachment[];
}

/** Base64, when it arrived, when the invocation that brought it began. */
type Attachment = readonly [data: string, at: Millis, began: Millis];

/** socket.io-parser takes no more attachments to a packet (`Decoder`, `maxAttachments`). */
const MAX_ATTACHMENTS = 10;

/**
 * @param order `strict` where pieces cannot overtake one another (polling): an attachment without a header is an error
 */
export function assemble(
  partial: readonly string[],
  pieces: readonly Piece[],
  order: 'strict' | 'loose',
): Assembled {
  const queue = partial.map(parseWaiting);
  const messages: Message[] = [];
  let changed = false;
  for (const piece of pieces) {
    const text = 'text' in piece ? piece.text : undefined;
    if (text !== undefined && attachmentsOf(text) === 0) {
      messages.push({ text, attachments: [] });
      continue;
    }
    changed = true;
    const taken = 'data' in piece ? addAttachment(queue, piece, order) : addHeader(queue, piece.text);
    if (taken === 'invalid') return { messages, partial, invalid: true };
    messages.push(...takeComplete(queue));
  }
  if (!changed) return { messages, partial, invalid: false };
  const next = queue.map((waiting) => JSON.stringify(waiting));
  const fits = utf8Length(next.join('')) <= SOCKETIO_SESSION.partialBytes;
  return { messages, partial: fits ? next : partial, invalid: !fits };
}

/** Attachments that a Socket.IO packet announces. An impossible number counts as none: the Socket.IO parser refuses it. */
function attachmentsOf(text: string): number {
  const count = Number(/^[56](\d{1,2})-/.exec(text)?.[1] ?? 0);
  return count > MAX_ATTACHMENTS ? 0 : count;
}

/** Where attachments wait without a header, nothing else waits: they go to headers first. */
function addHeader(queue: Waiting[], text: string): 'taken' {
  const early = queue.flatMap((waiting) => (waiting.text === undefined ? waiting.attachments : []));
  if (early.length > 0) queue.length = 0;
  const count = attachmentsOf(text);
  queue.push({ text, attachments: early.slice(0, count) });
  if (early.length > count) queue.push({ attachments: early.slice(count) });
  return 'taken';
}

function addAttachment(
  queue: Waiting[],
  { data, at = 0, began = 0 }: Extract<Piece, { readonly data: Uint8Array }>,
  order: 'strict' | 'loose',
): 'taken' | 'invalid' {
  const index = queue.findIndex((waiting) => missing(waiting) > 0);
  const waiting = queue[index];
  if (waiting === undefined && order === 'strict') return 'invalid';
  const attachment: Attachment = [Buffer.from(data).toString('base64'), at, began];
  const attachments = [...(waiting?.attachments ?? []), attachment].toSorted(inOrder);
  if (waiting === undefined) queue.push({ attachments });
  else queue[index] = { ...waiting, attachments };
  return 'taken';
}

/**
 * API Gateway's instants are whole milliseconds. Frames of one read come within one, and then the invocation that began
 * first most likely has the frame that was sent first; nothing AWS gives says it for sure.
 */
function inOrder([, at, began]: Attachment, [, otherAt, otherBegan]: Attachment): number {
  return at - otherAt || began - otherBegan;
}

/** Attachments alone take any number more. */
function missing({ text, attachments }: Waiting): number {
  return text === undefined ? Infinity : attachmentsOf(text) - attachments.length;
}

function takeComplete(queue: Waiting[]): readonly Message[] {
  const index = queue.findIndex((waiting) => missing(waiting) <= 0);
  const complete = queue[index];
  if (complete?.text === undefined) return [];
  queue.splice(index, 1);
  return [
    { text: complete.text, attachments: complete.attachments.map(([data]) => Buffer.from(data, 'base64')) },
  ];
}

function parseWaiting(text: string): Waiting {
  return JSON.parse(text) as Waiting;
}
