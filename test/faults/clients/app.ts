/** What a client of the chat does and remembers, whatever it speaks: the same plan drives all of them. */

/** What it was told, in the order it came. */
export type Heard =
  | {
      readonly kind: 'message';
      readonly id: string;
      readonly roomId: string | undefined;
      readonly at: number;
      readonly word: string;
    }
  | { readonly kind: 'notification'; readonly id: string; readonly at: number }
  | {
      readonly kind: 'receipt';
      readonly roomId: string;
      readonly userId: string;
      readonly messageId: string;
      readonly at: number;
    }
  | { readonly kind: 'presence'; readonly userId: string; readonly isOnline: boolean; readonly at: number }
  | {
      readonly kind: 'typing';
      readonly roomId: string | undefined;
      readonly userId: string;
      readonly isTyping: boolean;
      readonly at: number;
    };

/** From a new session to its end, over all connections that recovered it. */
export interface Lineage {
  readonly startedAt: number;
  /** What the history said when the rooms had been joined; absent while that is not known. */
  readonly rooms: Map<string, { readonly known: ReadonlySet<string>; readonly loadedAt: number }>;
  /** Notifications that were there already. */
  notes: { readonly known: ReadonlySet<string>; readonly loadedAt: number } | undefined;
  readonly heard: Heard[];
}

export interface Sent {
  readonly roomId: string;
  readonly content: string;
  readonly at: number;
  /** How often it was sent. Absent: once. */
  attempts?: number;
  /** Set by the ack. */
  id?: string;
  refused?: string;
}

export interface Chatter {
  readonly name: string;
  readonly user: string;
  readonly speaks: Speech;
  readonly rooms: readonly string[];
  readonly lineages: Lineage[];
  readonly sent: Sent[];
  readonly isConnected: boolean;
  /** Rooms were joined and the history was loaded. */
  readonly isReady: boolean;
  readonly cuts: number;
  readonly recoveries: number;
  start(): void;
  send(roomId: string, content: string): void;
  read(roomId: string): void;
  type(roomId: string, isTyping: boolean): void;
  leave(roomId: string): void;
  join(roomId: string): void;
  /** Its network ends: it knows at once. */
  drop(): void;
  /** Its network ends, and nobody knows. */
  vanish(): void;
  offline(isOffline: boolean): void;
  /** Notices that its network had vanished. */
  wake(): void;
  /** Of its connections now. */
  wireIds(): readonly string[];
  /** Goes for good; `politely`: it says so. */
  stop(politely: boolean): void;
}

export type Speech = 'messenger' | 'rooms' | 'chats' | 'notifications' | 'fama' | 'native';

export function newLineage(startedAt: number): Lineage {
  return { startedAt, rooms: new Map(), notes: undefined, heard: [] };
}

/** What REST would answer: the history of a room, and a user's notifications. */
export interface Archive {
  history(roomId: string): Promise<readonly { readonly id: string }[]>;
  notes(userId: string): Promise<readonly { readonly id: string }[]>;
}

interface Loading {
  readonly archive: Archive;
  readonly time: { now(): number };
}

/** What the history says of a room that has been joined. */
export async function loadRoom(lineage: Lineage, roomId: string, { archive, time }: Loading): Promise<void> {
  const known = await archive.history(roomId);
  lineage.rooms.set(roomId, { known: new Set(known.map(({ id }) => id)), loadedAt: time.now() });
}

export async function loadNotes(lineage: Lineage, userId: string, { archive, time }: Loading): Promise<void> {
  const known = await archive.notes(userId);
  lineage.notes = { known: new Set(known.map(({ id }) => id)), loadedAt: time.now() };
}

/** The last message of a room that came since the session began. */
export function lastMessage(lineages: readonly Lineage[], roomId: string) {
  return lineages.at(-1)?.heard.findLast((heard) => heard.kind === 'message' && heard.roomId === roomId) as
    | Extract<Heard, { readonly kind: 'message' }>
    | undefined;
}
