/** The documented Socket.IO vocabularies; each is a table in compat/dialects. */
export const DIALECTS = ['fama', 'messenger', 'rooms', 'chats', 'notifications'] as const;
export type DialectId = (typeof DIALECTS)[number];

/** Vocabularies with words for messages. A socket that uses a word of only one of them gets no other's from then on. */
export const CHAT_DIALECTS = ['messenger', 'rooms', 'chats'] as const satisfies readonly DialectId[];
export type ChatDialectId = (typeof CHAT_DIALECTS)[number];

/** Namespace → vocabularies served there. Namespaces that are not named belong to the team's own `app`. */
export type DialectNamespaces = Readonly<Record<string, readonly DialectId[]>>;

/** Each document's sample code runs unchanged on one server. */
export const DEFAULT_NAMESPACES: DialectNamespaces = {
  '/': ['fama', 'messenger', 'rooms', 'chats', 'notifications'],
  '/chat': ['rooms'],
};

/** Id of the room that `message` of the messenger vocabulary goes to when it names none. */
export const DEFAULT_LOBBY = 'lobby';

/** What the functions are told of the vocabularies: JSON in ENV.chat. */
export interface ChatSettings {
  readonly namespaces: DialectNamespaces;
  /** Absent: there is no lobby, and a message without a room is refused. */
  readonly lobby?: string;
}

/**
 * The Socket.IO room of a chat room. User ids cannot hold a `#`, so that nobody gets a room's messages by being called as
 * the room: a socket is in the room named as its user (documented: `io.to(user.id)`), too.
 */
export function socketRoomOf(roomId: string): string {
  return `#${roomId}`;
}
