import { Polling } from './polling.ts';
import { Wire, type WireOptions } from './wire.ts';

/** An open session, whatever carries it: Socket.IO must not be able to tell. */
export interface Channel {
  send(...packets: readonly string[]): Promise<void>;
  /** The next packet that is no heartbeat. */
  next(): Promise<string>;
  take(count: number): Promise<string[]>;
  /** Resolves when what was sent must have been handled, though no answer tells. */
  settled(): Promise<void>;
  /** Resolves when the server has ended the session. */
  ended(): Promise<void>;
  close(): Promise<void>;
}

export const TRANSPORTS = ['polling', 'websocket'] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** A session with nothing connected yet. Both announce `b64`, so that attachments are text in either direction. */
export async function openChannel(
  url: string,
  transport: Transport,
  options: WireOptions = {},
): Promise<Channel> {
  return transport === 'polling' ? overPolling(url) : overWebSocket(url, options);
}

/** A session whose client is in the main namespace and has read the greeting of the echo application. */
export async function connected(url: string, transport: Transport): Promise<Channel> {
  const channel = await openChannel(url, transport);
  await channel.send('40');
  await channel.take(2);
  return channel;
}

async function overPolling(url: string): Promise<Channel> {
  const session = await Polling.session(url, { b64: '1' });
  return {
    send: (...packets) => session.send(...packets),
    next: () => session.next(),
    take: (count) => session.take(count),
    async settled() {}, // a POST is answered when its packets have been handled
    ended: () => session.ended(),
    async close() {
      await session.post('1');
    },
  };
}

async function overWebSocket(url: string, options: WireOptions): Promise<Channel> {
  const wire = await Wire.session(url, { b64: '1' }, options);
  return {
    async send(...packets) {
      wire.send(...packets);
    },
    next: async () => text(await wire.next()),
    take: async (count) => (await wire.take(count)).map(text),
    // Frames that come in one read are one event of a stock server's; the next ping is later than that.
    settled: () => wire.pinged(),
    async ended() {
      await wire.ended();
    },
    close: () => wire.close(),
  };
}

function text(frame: string | Buffer): string {
  if (typeof frame === 'string') return frame;
  throw new Error(`a binary frame came: ${JSON.stringify([...frame])}`);
}
