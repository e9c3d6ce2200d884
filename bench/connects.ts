import { once } from 'node:events';
import { io, type Socket } from 'socket.io-client';
import { quantile } from './suite.ts';

/** Milliseconds, medians. */
export interface ConnectFigures {
  /** Default options: polling first. */
  readonly connected: number;
  /** Default options, until the WebSocket carries the session. */
  readonly upgraded: number;
  readonly webSocketOnly: number;
  /** A room, with an ack. */
  readonly joined: number;
}

/** One client after another, on each server in turn, so that a busy moment of the machine meets both. */
export async function compareConnects(
  origins: readonly [stock: string, ours: string],
  times: number,
): Promise<readonly [stock: ConnectFigures, ours: ConnectFigures]> {
  const [stock, ours]: [ConnectFigures[], ConnectFigures[]] = [[], []];
  for (const origin of origins) await measureOnce(origin); // cold starts
  for (let n = 0; n < times; n += 1) {
    stock.push(await measureOnce(origins[0]));
    ours.push(await measureOnce(origins[1]));
  }
  return [median(stock), median(ours)];
}

async function measureOnce(origin: string): Promise<ConnectFigures> {
  const [byDefault, webSocket] = [await connectByDefault(origin), await connectWebSocket(origin)];
  return { ...byDefault, ...webSocket };
}

async function connectByDefault(origin: string): Promise<Pick<ConnectFigures, 'connected' | 'upgraded'>> {
  const started = performance.now();
  const socket = io(origin, { forceNew: true });
  await connection(socket);
  const connected = performance.now() - started;
  const { engine } = socket.io;
  if (engine.transport.name !== 'websocket') await once(engine as unknown as NodeJS.EventEmitter, 'upgrade');
  const upgraded = performance.now() - started;
  socket.disconnect();
  return { connected, upgraded };
}

async function connectWebSocket(origin: string): Promise<Pick<ConnectFigures, 'webSocketOnly' | 'joined'>> {
  const started = performance.now();
  const socket = io(origin, { forceNew: true, transports: ['websocket'] });
  await connection(socket);
  const webSocketOnly = performance.now() - started;
  const asked = performance.now();
  await socket.emitWithAck('join', 'lobby');
  const joined = performance.now() - asked;
  socket.disconnect();
  return { webSocketOnly, joined };
}

function connection(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('connect_error', reject);
  });
}

function median(all: readonly ConnectFigures[]): ConnectFigures {
  const of = (key: keyof ConnectFigures) =>
    quantile(
      all.map((figures) => figures[key]),
      0.5,
    );
  return {
    connected: of('connected'),
    upgraded: of('upgraded'),
    webSocketOnly: of('webSocketOnly'),
    joined: of('joined'),
  };
}
