/* Shapes of the page; of the REST API as /openapi.json documents them. */

export type DialectId = 'chats' | 'rooms' | 'messenger' | 'native';

export interface User {
  readonly id: string;
  readonly username: string;
  readonly displayName?: string;
}

export interface Message {
  readonly id: string;
  readonly roomId: string;
  /** Absent where the dialect does not say. */
  readonly sender?: User;
  readonly content: string;
  readonly createdAt: string;
  /** It came while the page was open. */
  readonly isLive?: boolean;
}

export interface RoomSummary {
  readonly id: string;
  readonly name?: string;
  readonly unreadCount: number;
  readonly lastMessage?: Message;
}

export interface Room extends RoomSummary {
  readonly participants: readonly (User & { readonly lastReadMessageId?: string })[];
}

export interface Notification {
  readonly id: string;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly createdAt: string;
  readonly readAt?: string;
}

/** One event that crossed the wire, as it was said. */
export interface WireEntry {
  readonly number: number;
  readonly direction: 'in' | 'out';
  readonly event: string;
  readonly payload: unknown;
  readonly at: Date;
}

export interface Connection {
  readonly phase: 'connecting' | 'connected' | 'offline';
  readonly transport: string | undefined;
  /** It began with polling and is a WebSocket now. */
  readonly upgraded: boolean;
  /** The server knew it again after it had been lost, and nothing was missed. */
  readonly recovered: boolean;
}

export interface State {
  readonly user: User;
  readonly rooms: readonly RoomSummary[];
  readonly openRoomId: string | undefined;
  readonly room: Room | undefined;
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** Ids of the messages sent from here: not every dialect says who wrote. */
  readonly sent: ReadonlySet<string>;
  /** Cursor of the next older page; undefined when there is none. */
  readonly olderThan: string | undefined;
  /** User id → name, in the open room. */
  readonly typing: ReadonlyMap<string, string>;
  /** User id → the newest message they have read in the open room. */
  readonly receipts: ReadonlyMap<string, string>;
  /** User id → online or not; who is not in it has not been heard of. */
  readonly online: ReadonlyMap<string, boolean>;
  /** Newest first. */
  readonly notifications: readonly Notification[];
  readonly dialect: DialectId;
  /** Whether the line of the dialect is in the open room. */
  readonly isListening: boolean;
  readonly connection: Connection;
  /** Newest first. */
  readonly wire: readonly WireEntry[];
  readonly problem: string;
}

/** What an incoming event means, whatever dialect said it. */
export type Heard =
  | {
      readonly kind: 'message';
      readonly id: string;
      /** Undefined where the dialect has no word for the room. */
      readonly roomId: string | undefined;
      readonly sender?: User;
      readonly content: string;
      readonly createdAt: string;
    }
  | {
      readonly kind: 'typing';
      readonly roomId?: string;
      readonly userId: string;
      readonly username?: string;
      readonly isTyping: boolean;
    }
  | { readonly kind: 'read'; readonly roomId: string; readonly userId: string; readonly messageId: string }
  | { readonly kind: 'presence'; readonly userId: string; readonly isOnline: boolean }
  | { readonly kind: 'notification'; readonly notification: Notification }
  | { readonly kind: 'notification-read'; readonly id: string; readonly readAt: string }
  | { readonly kind: 'problem'; readonly message: string };

export type Saying = readonly [event: string, payload: unknown];

/** A vocabulary from the client's side: what it says, and what it makes of what it hears. */
export interface Dialect {
  readonly id: DialectId;
  readonly title: string;
  /** What this dialect can and can't say. */
  readonly about: string;
  /** Namespace of Socket.IO; undefined for the native protocol. */
  readonly namespace: string | undefined;
  /** Said once when connected, so that the server talks this dialect only. */
  readonly opening?: Saying;
  readonly join?: (roomId: string) => Saying;
  readonly send: (roomId: string, content: string) => Saying;
  /** Undefined where there is no word for it. */
  readonly typing: (roomId: string, isTyping: boolean) => Saying | undefined;
  readonly read?: (roomId: string, messageId: string) => Saying;
  /** How long somebody types when nobody says that they stopped. */
  readonly typingLastsMs: number;
  // oxlint-disable-next-line typescript/no-explicit-any -- JSON of the event's documented shape
  readonly hears: Readonly<Record<string, (payload: any) => Heard | undefined>>;
}

export interface Ears {
  readonly wire: (direction: 'in' | 'out', event: string, payload: unknown) => void;
  readonly heard: (heard: Heard) => void;
  readonly connection: (connection: Connection) => void;
}

/** An open connection in one dialect. */
export interface Line {
  /** Resolves with the answer; rejects with an Error that says why it was refused. */
  say(saying: Saying): Promise<unknown>;
  /** Loses the connection as a bad network would; it comes back by itself. */
  cut(): void;
  close(): void;
}
