/** socket.io-client's own transports, with the simulated network where `fetch` and `WebSocket` were. */
import { Fetch, WebSocket } from 'socket.io-client';

import type { Gateway, Wire } from '../sim/gateway.ts';
import type { VirtualTime } from '../sim/virtual-time.ts';
import type { HttpAnswer, HttpRequest } from '../sim/world.ts';
import type { Chatter } from './app.ts';

/** How one client reaches the deployment: what a network does to it happens here. */
export interface Line {
  /** Whose it is; for whoever reads a trace. */
  readonly name: string;
  /** The WebSocket in use; a probe is one, too. */
  readonly wires: Wire[];
  isOffline: boolean;
}

/** What may happen to a client's network; Chatter tells what each is. */
export function mishapsOf(line: Line): Pick<Chatter, 'drop' | 'vanish' | 'wake' | 'wireIds' | 'offline'> {
  const each = (act: (wire: Wire) => void) => line.wires.forEach(act);
  return {
    drop: () => each((wire) => wire.drop()),
    vanish: () => each((wire) => wire.vanish()),
    wake: () => each((wire) => wire.isSevered && wire.drop()),
    wireIds: () => line.wires.map(({ id }) => id),
    offline(isOffline) {
      line.isOffline = isOffline;
      if (isOffline) each((wire) => wire.drop());
    },
  };
}

export interface Reach {
  readonly time: VirtualTime;
  readonly gateway: Pick<Gateway, 'connect'>;
  readonly http: (request: HttpRequest) => Promise<HttpAnswer>;
}

/** What the transports need of a WebSocket. */
export interface SocketLike {
  binaryType: string;
  onopen: (() => void) | null;
  onclose: ((event: object) => void) | null;
  onmessage: ((event: { readonly data: string }) => void) | null;
  onerror: ((event: unknown) => void) | null;
  send(data: string): void;
  close(): void;
}

export function openSocket({ gateway, time }: Reach, line: Line, api: 'native' | 'socketio') {
  return (uri: string): SocketLike => {
    const query = Object.fromEntries(new URL(uri, 'ws://causeway').searchParams);
    const socket: SocketLike = {
      binaryType: 'nodebuffer',
      onopen: null,
      onclose: null,
      onmessage: null,
      onerror: null,
      send: (data) => wire?.send(data),
      close: () => {
        wire?.close();
        forget();
      },
    };
    if (line.isOffline) {
      time.after(50, () => socket.onclose?.({ code: 1006 }));
      return socket;
    }
    const headers = { host: 'causeway', 'user-agent': line.name };
    const wire: Wire | undefined = gateway.connect(
      api,
      { query, headers },
      {
        opened: () => socket.onopen?.(),
        message: (data) => socket.onmessage?.({ data }),
        closed: (code) => {
          forget();
          socket.onclose?.({ code });
        },
      },
    );
    line.wires.push(wire);
    const forget = () => {
      const index = line.wires.indexOf(wire);
      if (index !== -1) line.wires.splice(index, 1);
    };
    return socket;
  };
}

interface Response {
  readonly ok: boolean;
  readonly status: number;
  text(): Promise<string>;
}

/** The transport classes of one client, in the order of the stock default. */
export function transportsFor(reach: Reach, line: Line) {
  const open = openSocket(reach, line, 'socketio');
  // `_fetch` is private to its types.
  const Base = Fetch as unknown as new (...args: readonly unknown[]) => {
    _fetch(data?: string): Promise<Response>;
  };
  class SimPolling extends Base {
    override _fetch(data?: string): Promise<Response> {
      if (line.isOffline) return reach.time.sleep(50).then(() => Promise.reject(new Error('offline')));
      const url = new URL((this as unknown as { uri(): string }).uri());
      const post = data === undefined ? { method: 'GET' } : { method: 'POST', body: data };
      const answer = reach.http({ ...post, url, name: line.name });
      return answer.then(({ status, body }) => {
        if (line.isOffline) throw new Error('offline');
        return { ok: status >= 200 && status < 300, status, text: () => Promise.resolve(body) };
      });
    }
  }
  class SimWebSocket extends WebSocket {
    override createSocket(uri: string): SocketLike {
      return open(uri);
    }
    override doWrite(_packet: object, data: string): void {
      (this as unknown as { readonly ws: SocketLike }).ws.send(data);
    }
  }
  return { polling: SimPolling, websocket: SimWebSocket };
}
