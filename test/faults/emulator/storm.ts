/**
 * A plan of the in-memory tier on the emulator: the same cast and steps, with real sockets, the synthesised template and the
 * bundles. What happens in minutes happens by moving the clock; a storm of the emulator's own takes the place of the plan's weather.
 */
import { WebSocket } from 'ws';
import { io, type Socket } from 'socket.io-client';

import { ResumingClient } from '../../../examples/native-client/resuming-client.mjs';
import type { Causeway } from '../../support/causeway.ts';
import { rest, type Person } from '../../support/rest-client.ts';
import { newLineage, type Heard, type Lineage, type Sent, type Speech } from '../clients/app.ts';
import { hearNative } from '../clients/native-chatter.ts';
import { JOIN, NAMESPACE, SEND, understand } from '../clients/stock-client.ts';
import type { Cast } from '../plan.ts';

/** Somebody on the emulator, as the model sees them. */
export interface Real {
  readonly name: string;
  readonly userId: string;
  readonly speaks: Speech;
  readonly rooms: readonly string[];
  readonly lineages: Lineage[];
  readonly sent: Sent[];
  readonly isReady: boolean;
  readonly isConnected: boolean;
  readonly cuts: number;
  readonly recoveries: number;
  send(room: string, content: string): Promise<void>;
  drop(): void;
  close(): void;
}

export interface Stage {
  /** Messages are dated by its clock. */
  readonly causeway: Pick<Causeway, 'urls' | 'clock'>;
  readonly person: Person;
  /** By the names of the plan. */
  readonly roomIds: ReadonlyMap<string, string>;
}

const ACK_MS = 3_000;

export function enterStage(cast: Cast, stage: Stage): Real {
  return cast.speaks === 'native' ? native(cast, stage) : stock(cast, stage);
}

/** What REST says of a room, page by page. */
export async function historyOf(
  origin: string,
  token: string,
  roomId: string,
): Promise<readonly HistoryMessage[]> {
  const messages: HistoryMessage[] = [];
  let cursor: string | undefined;
  do {
    const before: string = cursor === undefined ? '' : `&before=${cursor}`;
    const path = `/chat/rooms/${roomId}/messages?limit=100${before}`;
    const page = await patiently(() => rest(origin, { path, token }));
    messages.push(...(page.messages as HistoryMessage[]));
    cursor = page.nextCursor as string | undefined;
  } while (cursor !== undefined);
  return messages;
}

export interface HistoryMessage {
  readonly id: string;
  readonly content: string;
  readonly createdAt: string;
}

/** In a storm an answer may be that there is none. */
async function patiently(ask: () => Promise<{ readonly status: number; readonly body: any }>): Promise<any> {
  for (let n = 0; n < 20; n++) {
    const answer = await ask().catch(() => undefined);
    if (answer?.status === 200) return answer.body;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('REST does not answer');
}

async function load(stage: Stage, lineage: Lineage, rooms: Iterable<string>): Promise<void> {
  const { causeway, person, roomIds } = stage;
  for (const room of rooms) {
    const roomId = roomIds.get(room) ?? room;
    const known = await historyOf(causeway.urls.origin, person.token, roomId);
    lineage.rooms.set(roomId, { known: new Set(known.map(({ id }) => id)), loadedAt: causeway.clock.now() });
  }
}

function stock(cast: Cast, stage: Stage): Real {
  const { person, causeway, roomIds } = stage;
  const [lineages, sent]: [Lineage[], Sent[]] = [[], []];
  let [cuts, recoveries, ready, gone] = [0, 0, false, false];
  const socket: Socket = io(`${causeway.urls.origin}${NAMESPACE[cast.speaks] ?? ''}`, {
    transports: [...cast.transports],
    auth: { token: person.token },
    forceNew: true,
    reconnectionDelay: 50,
    reconnectionDelayMax: 300,
  });
  const ask = async (event: string, ...args: readonly unknown[]) =>
    (await socket.timeout(ACK_MS).emitWithAck(event, ...args)) as {
      ok?: boolean;
      id?: string;
      error?: { code: string };
    };
  async function arrive(): Promise<void> {
    if (socket.recovered) {
      recoveries += 1;
      return;
    }
    ready = false;
    const lineage = newLineage(causeway.clock.now());
    lineages.push(lineage);
    const joins = JOIN[cast.speaks];
    for (const room of cast.rooms) {
      const isIn = async () =>
        joins === undefined ||
        (await ask(...joins(roomIds.get(room) ?? room)).catch(() => undefined))?.ok === true;
      while (lineages.at(-1) === lineage && socket.connected && !(await isIn()));
    }
    await load(stage, lineage, cast.rooms);
    if (lineages.at(-1) === lineage) ready = true;
  }
  socket.on('connect', () => void arrive().catch(() => {}));
  socket.on('connect_error', () => {
    if (!socket.active && !gone) setTimeout(() => socket.connect(), 200);
  });
  socket.on('disconnect', (reason) => {
    cuts += 1;
    if (reason === 'io server disconnect' && !gone) setTimeout(() => socket.connect(), 50);
  });
  socket.onAny((event: string, payload: Readonly<Record<string, unknown>>) => {
    const heard = understand(cast.speaks, event, { payload, at: causeway.clock.now() });
    if (heard !== undefined) lineages.at(-1)?.heard.push(heard);
  });
  return {
    ...cast,
    userId: person.id,
    lineages,
    sent,
    get isReady() {
      return socket.connected && ready && !gone;
    },
    get isConnected() {
      return socket.connected && !gone;
    },
    get cuts() {
      return cuts;
    },
    get recoveries() {
      return recoveries;
    },
    async send(room, content) {
      const says = SEND[cast.speaks]?.(roomIds.get(room) ?? room, content);
      if (says === undefined || !socket.connected || !ready) return;
      const message: Sent = { roomId: roomIds.get(room) ?? room, content, at: causeway.clock.now() };
      sent.push(message);
      const answer = await ask(...says).catch(() => undefined);
      if (answer?.id !== undefined) message.id = answer.id;
    },
    drop: () => (socket.io.engine?.transport as { ws?: { terminate(): void } } | undefined)?.ws?.terminate(),
    close() {
      gone = true;
      socket.disconnect();
    },
  };
}

function native(cast: Cast, stage: Stage): Real {
  const { person, causeway, roomIds } = stage;
  const [lineages, sent]: [Lineage[], Sent[]] = [[], []];
  let [cuts, recoveries, ready, gone, connected, isGap] = [0, 0, false, false, false, true];
  const wires = new Set<WebSocket>();
  class Watched extends WebSocket {
    constructor(url: string) {
      super(url);
      wires.add(this);
      this.on('close', () => wires.delete(this));
    }
  }
  const client = new ResumingClient({
    url: () => `${causeway.urls.native}?token=${person.token}`,
    rooms: cast.rooms.map((room) => roomIds.get(room) ?? room),
    WebSocket: Watched,
    backoffMs: 50,
  });
  const begin = async (): Promise<void> => {
    [isGap, ready] = [false, false];
    const lineage = newLineage(causeway.clock.now());
    lineages.push(lineage);
    await load(stage, lineage, cast.rooms);
    if (lineages.at(-1) === lineage) ready = true;
  };
  client.onGap = () => {
    isGap = true;
  };
  client.onState = (isConnected) => {
    connected = isConnected;
    if (!isConnected) cuts += 1;
    else if (isGap) void begin().catch(() => {});
    else recoveries += 1;
  };
  client.onEvent = (event) => {
    const heard: Heard | undefined = hearNative(event, causeway.clock.now());
    if (heard !== undefined) lineages.at(-1)?.heard.push(heard);
  };
  return {
    ...cast,
    userId: person.id,
    lineages,
    sent,
    get isReady() {
      return connected && ready && !gone;
    },
    get isConnected() {
      return connected && !gone;
    },
    get cuts() {
      return cuts;
    },
    get recoveries() {
      return recoveries;
    },
    async send(room, content) {
      if (!connected || !ready) return;
      const roomId = roomIds.get(room) ?? room;
      const message: Sent = { roomId, content, at: causeway.clock.now() };
      sent.push(message);
      const answer = await client.send(roomId, { content }).catch(() => undefined);
      const stored = answer?.['message'] as { readonly id: string } | undefined;
      if (stored !== undefined) message.id = stored.id;
    },
    drop() {
      for (const wire of wires) wire.terminate();
    },
    close() {
      [gone, connected] = [true, false];
      client.close();
    },
  };
}
