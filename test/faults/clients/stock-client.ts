import { io, type Socket } from 'socket.io-client';

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
  type Speech,
} from './app.ts';
import { mishapsOf, transportsFor, type Line, type Reach } from './sim-transports.ts';

export interface StockOptions {
  readonly name: string;
  readonly user: string;
  readonly userId: string;
  readonly speaks: Exclude<Speech, 'native'>;
  readonly rooms: readonly string[];
  /** The stock default is polling, then websocket. */
  readonly transports: readonly ('polling' | 'websocket')[];
  readonly reach: Reach;
  readonly archive: Archive;
}

const ACK_MS = 20_000;

interface Ack {
  readonly ok?: boolean;
  readonly id?: string;
  readonly error?: { readonly code: string };
}

/** A page with the stock client, default options, and the little an application does: join, load the history, send one message after another. */
export function createStockClient(options: StockOptions): Chatter {
  const { reach, speaks, userId, archive } = options;
  const { time } = reach;
  const line: Line = { name: options.name, wires: [], isOffline: false };
  const lineages: Lineage[] = [];
  const sent: Sent[] = [];
  const joined = new Set(options.rooms);
  let socket: Socket | undefined;
  let [cuts, recoveries, ready, gone] = [0, 0, false, false];
  let queue = Promise.resolve();

  /** One at a time, as people do. */
  const inTurn = (act: (socket: Socket) => Promise<unknown>): void => {
    queue = queue.then(async () => {
      if (socket?.connected === true && ready && !gone) await act(socket).catch(() => {});
    });
  };
  const ask = async (live: Socket, event: string, ...args: unknown[]): Promise<Ack> =>
    (await live.timeout(ACK_MS).emitWithAck(event, ...args)) as Ack;

  async function arrive(live: Socket): Promise<void> {
    if (live.recovered) {
      recoveries += 1;
      return;
    }
    ready = false;
    const lineage = newLineage(time.now());
    lineages.push(lineage);
    await load(live, lineage).catch(() => {});
    if (lineages.at(-1) === lineage) ready = true;
  }

  async function load(live: Socket, lineage: Lineage): Promise<void> {
    const joins = JOIN[speaks];
    for (const roomId of joined) {
      if (joins !== undefined) await until(() => ask(live, ...joins(roomId)), lineage);
      await loadRoom(lineage, roomId, { archive, time });
    }
    if (speaks === 'notifications') await loadNotes(lineage, userId, { archive, time });
  }

  /** Tries again what failed for reasons of the server's. */
  async function until(act: () => Promise<Ack>, lineage: Lineage): Promise<void> {
    for (let n = 0; n < 20 && lineages.at(-1) === lineage; n++) {
      const answer = await act().catch((): Ack => ({}));
      if (answer.ok === true) return;
      await time.sleep(1_000);
    }
    throw new Error('never joined');
  }

  function hear(event: string, payload: unknown): void {
    const heard = understand(speaks, event, { payload: payload as Payload, at: time.now() });
    if (heard !== undefined) lineages.at(-1)?.heard.push(heard);
  }

  return {
    ...options,
    lineages,
    sent,
    get rooms() {
      return [...joined];
    },
    get isConnected() {
      return socket?.connected === true && !gone;
    },
    get isReady() {
      return socket?.connected === true && ready && !gone;
    },
    get cuts() {
      return cuts;
    },
    get recoveries() {
      return recoveries;
    },
    start() {
      const classes = transportsFor(reach, line);
      const transports = options.transports.map((name) => classes[name]);
      socket = io(`http://causeway${NAMESPACE[speaks] ?? ''}`, {
        transports: transports as never,
        auth: { token: options.user },
        forceNew: true,
      });
      const live = socket;
      live.on('connect', () => void arrive(live));
      live.on('disconnect', () => {
        if (!gone) cuts += 1;
      });
      // A refused CONNECT is for good to the stock client; an application tries again.
      live.on('connect_error', () => {
        if (!live.active && !gone) time.after(2_000, () => live.connect());
      });
      live.on('disconnect', (reason) => {
        if (reason === 'io server disconnect' && !gone) time.after(1_000, () => live.connect());
      });
      live.onAny(hear);
    },
    send(roomId, content) {
      inTurn(async (live) => {
        const [event, payload] = SEND[speaks]?.(roomId, content) ?? [];
        if (event === undefined) return;
        const message: Sent = { roomId, content, at: time.now() };
        sent.push(message);
        const answer = await ask(live, event, payload);
        if (answer.id !== undefined) message.id = answer.id;
        if (answer.error !== undefined) message.refused = answer.error.code;
      });
    },
    read(roomId) {
      inTurn(async (live) => {
        const last = lastMessage(lineages, roomId);
        if (speaks !== 'chats' || last === undefined) return;
        await ask(live, 'message:read', { chatId: roomId, messageId: last.id });
      });
    },
    type(roomId, isTyping) {
      inTurn(async (live) => {
        if (speaks === 'chats') live.emit(isTyping ? 'typing:start' : 'typing:stop', { chatId: roomId });
        else if (speaks === 'messenger') live.emit('typing', isTyping);
        else if (speaks === 'rooms' && isTyping) live.emit('typing', { roomId });
      });
    },
    leave(roomId) {
      inTurn(async (live) => {
        if (speaks !== 'chats') return;
        // From now on it may be in, or not.
        lineages.at(-1)?.rooms.delete(roomId);
        const answer = await ask(live, 'chat:leave', { chatId: roomId });
        if (answer.ok === true) joined.delete(roomId);
      });
    },
    join(roomId) {
      inTurn(async (live) => {
        const joins = JOIN[speaks];
        const lineage = lineages.at(-1);
        if (joins === undefined || lineage === undefined || joined.has(roomId)) return;
        const answer = await ask(live, ...joins(roomId));
        if (answer.ok !== true || lineages.at(-1) !== lineage) return;
        joined.add(roomId);
        await loadRoom(lineage, roomId, { archive, time });
      });
    },
    ...mishapsOf(line),
    stop(politely) {
      gone = true;
      if (politely) {
        socket?.disconnect();
        return;
      }
      for (const wire of line.wires) wire.vanish();
      line.isOffline = true;
      socket?.io.reconnection(false);
      socket?.disconnect();
    },
  };
}

export const NAMESPACE: Partial<Record<Speech, string>> = { rooms: '/chat' };

/** How a room is entered that a vocabulary does not enter by itself. */
export const JOIN: Partial<Record<Speech, (roomId: string) => [string, object]>> = {
  rooms: (roomId) => ['join_room', { roomId }],
  chats: (chatId) => ['chat:join', { chatId }],
};

export const SEND: Partial<Record<Speech, (roomId: string, content: string) => [string, object]>> = {
  messenger: (roomId, message) => ['message', { message, context: { roomId } }],
  rooms: (roomId, content) => ['send_message', { roomId, content }],
  chats: (chatId, content) => ['message:send', { chatId, content }],
};

interface Payload {
  readonly [field: string]: any;
}

/** Its own vocabulary only: a socket that has chosen none hears every other's words, too. */
export function understand(
  speaks: Speech,
  event: string,
  { payload, at }: { readonly payload: Payload; readonly at: number },
): Heard | undefined {
  switch (`${speaks} ${event}`) {
    case 'messenger message':
      if (payload['message'] === undefined) return undefined;
      return { kind: 'message', id: payload['id'], roomId: payload['context']?.roomId, at, word: event };
    case 'rooms message':
      if (payload['content'] === undefined) return undefined;
      return { kind: 'message', id: payload['id'], roomId: payload['roomId'], at, word: event };
    case 'chats message:new':
      return { kind: 'message', id: payload['id'], roomId: payload['chat_id'], at, word: event };
    case 'notifications notification.new':
      return { kind: 'notification', id: payload['id'], at };
    case 'chats message:read': {
      const { chatId: roomId, userId, messageId } = payload;
      return { kind: 'receipt', roomId, userId, messageId, at };
    }
    case 'chats user:status':
      return { kind: 'presence', userId: payload['userId'], isOnline: payload['status'] === 'online', at };
    case 'messenger userStatus':
      return { kind: 'presence', userId: payload['userId'], isOnline: payload['isOnline'], at };
    case 'chats typing:start':
    case 'chats typing:stop':
      return {
        kind: 'typing',
        roomId: payload['chatId'],
        userId: payload['userId'],
        isTyping: event.endsWith('start'),
        at,
      };
    default:
      return undefined;
  }
}
