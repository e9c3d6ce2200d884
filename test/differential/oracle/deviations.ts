import type { Entry } from '../actor.ts';
import type { Transcript } from '../stage.ts';

export interface Deviation {
  /** Names of the acts in which it shows. */
  readonly acts: RegExp;
  readonly what: string;
  readonly reason: string;
  /** What a literal server's client would have seen instead of this entry. */
  undo(entry: Entry, player: string): readonly Entry[];
}

const isEvent = (entry: Entry, name: string) => entry[0] === 'event' && entry[1] === name;

/** Where this is more than a document says, on purpose. In each of these acts it must show: what has gone is to be removed. */
export const DEVIATIONS: readonly Deviation[] = [
  {
    acts: /^\/(?!notifications).* is refused$/,
    what: '`connect_error` has `err.data.code` beside the message',
    reason: 'a client should not have to read a sentence; documents show the sentence only',
    undo: (entry) => [entry[0] === 'connect_error' ? [entry[0], entry[1], undefined] : entry],
  },
  {
    acts: /^\/notifications: .* is refused$/,
    what: 'a client without a good token gets a `connect_error` and its connection is closed, instead of `connect` and `disconnect`',
    reason:
      'the document disconnects in the connection listener, when the client has been told that it is in; here nobody is',
    undo: (entry) =>
      entry[0] === 'connect_error' ? [['connect'], ['disconnect', 'io server disconnect']] : [],
  },
  {
    acts: /^\/notifications: a push/,
    what: '`notification.new` has `id` and `createdAt` of the stored notification, where the payload has no such fields',
    reason: 'so that it can be marked read; nothing the back end pushed is changed',
    undo(entry) {
      if (!isEvent(entry, 'notification.new')) return [entry];
      const [{ id: _id, createdAt: _createdAt, ...payload }] = entry[2] as [Record<string, unknown>];
      return [['event', 'notification.new', [payload]]];
    },
  },
  {
    acts: /^\/chats: who types and goes$/,
    what: '`typing:stop` is said for whoever goes, or is silent for ten seconds',
    reason: 'nobody would say it otherwise, and the others would see somebody type forever',
    undo: (entry) => (isEvent(entry, 'typing:stop') ? [] : [entry]),
  },
  {
    acts: /: who sends without having joined$/,
    what: 'whoever sends a message hears it, in the room or not',
    reason:
      'it is the only answer that the documents have for a send; in all of them the sender hears what the room hears',
    undo: (entry, player) =>
      player === 'bob' && (isEvent(entry, 'message') || isEvent(entry, 'message:new')) ? [] : [entry],
  },
  {
    acts: /^\/chats: leaving a chat of others$/,
    what: '`chat:leave` is answered with `chat:left` for any chat',
    reason: 'leaving needs no right, and an answer that depended on one would tell which chats there are',
    undo: (entry) => [isEvent(entry, 'chat:left') ? ['event', 'error', [{ message: '<reason>' }]] : entry],
  },
  {
    acts: /: an event that nobody knows$/,
    what: 'an event that no vocabulary knows is an `error`',
    reason: 'a client with a misspelt event learns of it; the documents are silent',
    undo: (entry) => (isEvent(entry, 'error') ? [] : [entry]),
  },
];

export function deviationOf(act: string): Deviation | undefined {
  return DEVIATIONS.find(({ acts }) => acts.test(act));
}

export function undo(transcript: Transcript, deviation: Deviation | undefined): Transcript {
  if (deviation === undefined) return transcript;
  return Object.fromEntries(
    Object.entries(transcript).map(([name, entries]) => [
      name,
      entries.flatMap((entry) => deviation.undo(entry, name)),
    ]),
  );
}
