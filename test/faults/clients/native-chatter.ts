import { ResumingClient, type NativeEvent } from '../../../examples/native-client/resuming-client.mjs';
import {
  lastMessage,
  loadNotes,
  loadRoom,
  newLineage,
  type Archive,
  type Chatter,
  type Heard,
  type Lineage,
  type Sent,
} from './app.ts';
import { mishapsOf, openSocket, type Line, type Reach, type SocketLike } from './sim-transports.ts';

export interface NativeOptions {
  readonly name: string;
  readonly user: string;
  readonly userId: string;
  readonly rooms: readonly string[];
  readonly reach: Reach;
  readonly archive: Archive;
}

/** The client of examples/native-client, as an application has it: it loads the history when there is a gap. */
export function createNativeClient(options: NativeOptions): Chatter {
  const { reach, archive, user, userId } = options;
  const { time } = reach;
  const line: Line = { name: options.name, wires: [], isOffline: false };
  const open = openSocket(reach, line, 'native');
  const lineages: Lineage[] = [];
  const sent: Sent[] = [];
  const joined = new Set(options.rooms);
  let client: ResumingClient | undefined;
  let [cuts, recoveries] = [0, 0];
  let [ready, gone, connected, isGap] = [false, false, false, true];
  let queue = Promise.resolve();

  const inTurn = (act: (client: ResumingClient) => Promise<unknown>): void => {
    queue = queue.then(async () => {
      if (client !== undefined && connected && ready && !gone) await act(client).catch(() => {});
    });
  };

  function changed(isConnected: boolean): void {
    connected = isConnected;
    if (!isConnected) {
      cuts += 1;
      return;
    }
    if (isGap) void begin();
    else recoveries += 1;
  }

  /** It is in its rooms, and has heard nothing yet that it could count on. */
  async function begin(): Promise<void> {
    isGap = false;
    ready = false;
    const lineage = newLineage(time.now());
    lineages.push(lineage);
    for (const roomId of joined) await loadRoom(lineage, roomId, { archive, time });
    await loadNotes(lineage, userId, { archive, time });
    if (lineages.at(-1) === lineage) ready = true;
  }

  /** A message may be sent again: the client does that by itself. */
  function note(frame: string): void {
    const { action, content } = JSON.parse(frame) as { readonly action: string; readonly content?: string };
    const message = action === 'send' ? sent.findLast((one) => one.content === content) : undefined;
    if (message !== undefined) message.attempts = (message.attempts ?? 0) + 1;
  }

  function start(): void {
    function SimSocket(url: string): SocketLike {
      const socket = open(url);
      const { send } = socket;
      return Object.assign(socket, {
        send(frame: string) {
          note(frame);
          send(frame);
        },
      });
    }
    client = new ResumingClient({
      url: () => `ws://causeway/native?token=${user}`,
      rooms: [...joined],
      WebSocket: SimSocket,
    });
    client.onState = changed;
    client.onGap = () => {
      isGap = true;
    };
    client.onEvent = (event) => {
      const heard = hearNative(event, time.now());
      const lineage = lineages.at(-1);
      // The client knows nothing of the history: an application shows what is in both once.
      if (heard !== undefined && lineage !== undefined && !isOld(lineage, heard)) lineage.heard.push(heard);
    };
  }

  return {
    ...options,
    speaks: 'native',
    lineages,
    sent,
    get rooms() {
      return [...joined];
    },
    get isConnected() {
      return connected && !gone;
    },
    get isReady() {
      return connected && ready && !gone;
    },
    get cuts() {
      return cuts;
    },
    get recoveries() {
      return recoveries;
    },
    start,
    send(roomId, content) {
      inTurn(async (live) => {
        const message: Sent = { roomId, content, at: time.now() };
        sent.push(message);
        try {
          const answer = await live.send(roomId, { content });
          message.id = (answer['message'] as { readonly id: string }).id;
        } catch (error) {
          message.refused = String((error as { readonly code?: unknown }).code);
        }
      });
    },
    read(roomId) {
      inTurn(async (live) => {
        const last = lastMessage(lineages, roomId);
        if (last !== undefined) await live.request({ action: 'read', roomId, messageId: last.id });
      });
    },
    type(roomId, isTyping) {
      inTurn((live) => live.request({ action: 'typing', roomId, isTyping }));
    },
    leave(roomId) {
      inTurn(async (live) => {
        joined.delete(roomId);
        lineages.at(-1)?.rooms.delete(roomId);
        await live.leave(roomId);
      });
    },
    join(roomId) {
      inTurn(async (live) => {
        const lineage = lineages.at(-1);
        if (lineage === undefined || joined.has(roomId)) return;
        await live.join(roomId);
        joined.add(roomId);
        if (lineages.at(-1) === lineage) await loadRoom(lineage, roomId, { archive, time });
      });
    },
    ...mishapsOf(line),
    stop(politely) {
      gone = true;
      connected = false;
      if (!politely) for (const wire of line.wires) wire.vanish();
      client?.close();
    },
  };
}

function isOld({ rooms, notes }: Lineage, heard: Heard): boolean {
  if (heard.kind === 'notification') return notes?.known.has(heard.id) === true;
  return heard.kind === 'message' && [...rooms.values()].some(({ known }) => known.has(heard.id));
}

/** What an event of the native protocol tells. */
export function hearNative(event: NativeEvent, at: number): Heard | undefined {
  switch (event.event) {
    case 'message.created': {
      const { id, roomId } = event['message'] as { readonly id: string; readonly roomId: string };
      return { kind: 'message', id, roomId, at, word: event.event };
    }
    case 'notification.created':
      return { kind: 'notification', id: (event['notification'] as { readonly id: string }).id, at };
    case 'message.read':
      return {
        kind: 'receipt',
        roomId: String(event['roomId']),
        userId: String(event['userId']),
        messageId: String(event['messageId']),
        at,
      };
    case 'presence.changed':
      return { kind: 'presence', userId: String(event['userId']), isOnline: event['isOnline'] === true, at };
    case 'typing.changed':
      return {
        kind: 'typing',
        roomId: String(event['roomId']),
        userId: String(event['userId']),
        isTyping: event['isTyping'] === true,
        at,
      };
    default:
      return undefined;
  }
}
